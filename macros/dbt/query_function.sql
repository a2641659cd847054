{# Makes a function that answers with a table, from a model whose SQL reads the function's arguments by name:
   `config(materialized='query_function', meta={'arguments': ['income', 'score']})`. All are doubles.
   dbt-duckdb's own `table_function` is for DuckDB alone. #}
{% materialization query_function, default %}
    {% call statement('main') -%}
        {{ mall_segments.create_query_function(this, config.get('meta').arguments, sql) }}
    {%- endcall %}
    {% do adapter.commit() %}
    {{ return({'relations': []}) }}
{% endmaterialization %}

{% macro create_query_function(function, arguments, query) %}
    {{ return(adapter.dispatch('create_query_function', 'mall_segments')(function, arguments, query)) }}
{% endmacro %}

{% macro duckdb__create_query_function(function, arguments, query) %}
    create or replace macro {{ function.include(database=false) }}({{ arguments | join(', ') }}) as table (
        {{ query }}
    )
{% endmacro %}

{# The columns that the function answers with are those of an empty table, which PostgreSQL keeps as their type. #}
{% macro postgres__create_query_function(function, arguments, query) %}
    {%- set row = function.incorporate(path={'identifier': function.identifier ~ '_row'}).include(database=false) -%}
    drop table if exists {{ row }} cascade;
    create table {{ row }} as
    select answer.*
    from
        (
            select {% for argument in arguments %}cast(null as double precision) as {{ argument }}{{ ', ' if not loop.last }}{% endfor %}
        ) as arguments,
        lateral ({{ query }}) as answer
    limit 0;
    create function {{ function.include(database=false) }}(
        {% for argument in arguments %}{{ argument }} double precision{{ ', ' if not loop.last }}{% endfor %}
    ) returns setof {{ row }} language sql stable as $function$ {{ query }} $function$
{% endmacro %}

{# The columns that the function answers with are those of its query, which Spark has to be told. #}
{% macro spark__create_query_function(function, arguments, query) %}
    {%- set given -%}
        select * from (select {% for argument in arguments %}cast(null as double) as {{ argument }}{{ ', ' if not loop.last }}{% endfor %}),
        lateral ({{ query }}) as answer
    {%- endset -%}
    create or replace function {{ function }}(
        {% for argument in arguments %}{{ argument }} double{{ ', ' if not loop.last }}{% endfor %}
    ) returns table (
        {% for column in get_column_schema_from_query(given) if column.name not in arguments -%}
        {{ adapter.quote(column.name) }} {{ column.data_type }}{{ ', ' if not loop.last }}
        {%- endfor %}
    ) return {{ query }}
{% endmacro %}
