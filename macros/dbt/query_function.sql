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
