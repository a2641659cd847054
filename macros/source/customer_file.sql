{# A CSV or Parquet path or glob as a relation. CSV columns stay text, so no bad value can stop the load. #}
{% macro customer_file(path) -%}
    {{ return(adapter.dispatch('customer_file', 'mall_segments')(path)) }}
{%- endmacro %}

{% macro duckdb__customer_file(path) -%}
    {%- if not execute -%}
        {{ return('') }}
    {%- elif customer_file_format(path) == 'parquet' -%}
        read_parquet({{ sql_text(path) }}, union_by_name = true)
    {%- else -%}
        {{ csv_relation(csv_layouts(path)) }}
    {%- endif -%}
{%- endmacro %}

{% macro spark__customer_file(path) -%}
    {%- if not execute -%}
        {{ return('') }}
    {%- elif customer_file_format(path) == 'parquet' -%}
        parquet.{{ adapter.quote(path) }}
    {%- else -%}
        {% do exceptions.raise_compiler_error(
            "Spark does not read the file `" ~ path ~ "` as DuckDB would; save it as Parquet, or load it into a table and "
            ~ "name that in the var customers_table or purchases_table.") %}
    {%- endif -%}
{%- endmacro %}

{% macro postgres__customer_file(path) -%}
    {%- if execute -%}
        {% do exceptions.raise_compiler_error(
            "PostgreSQL does not read the file `" ~ path ~ "`; load it into a table and name that in the var "
            ~ "customers_table or purchases_table.") %}
    {%- endif -%}
{%- endmacro %}
