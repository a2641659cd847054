{# A contract may name types as DuckDB and PostgreSQL do. #}
{% macro pythonspark__get_empty_schema_sql(columns) %}
    {%- set translated = {} -%}
    {%- for name, column in columns.items() -%}
        {%- do translated.update({
            name: dict(column, data_type=api.Column.translate_type(column.data_type)) if column.data_type else column
        }) -%}
    {%- endfor -%}
    {{ return(default__get_empty_schema_sql(translated)) }}
{% endmacro %}

{# In the order that is asked for, and null of no rows, as in other engines. #}
{% macro pythonspark__listagg(measure, delimiter_text, order_by_clause, limit_num) %}
    {%- if limit_num -%}
        {% do exceptions.raise_compiler_error('listagg: Spark takes all rows or none; leave out limit_num.') %}
    {%- endif -%}
    listagg({{ measure }}, {{ delimiter_text }}){{ ' within group (' ~ order_by_clause ~ ')' if order_by_clause }}
{% endmacro %}

{# Times have no zone here, which dbt-spark's own macro cannot do. #}
{% macro pythonspark__dateadd(datepart, interval, from_date_or_timestamp) %}
    timestampadd({{ datepart }}, {{ interval }}, cast({{ from_date_or_timestamp }} as timestamp_ntz))
{% endmacro %}

{# Spark runs nothing for the columns of a query. #}
{% macro pythonspark__get_empty_subquery_sql(select_sql, select_sql_header) %}
    {{ return((select_sql_header or '') ~ select_sql) }}
{% endmacro %}
