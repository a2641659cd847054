{# The type of a 64-bit floating-point number; `dbt.type_float()` is of 32 bits on DuckDB and Spark. #}
{% macro type_double() -%}
    {{ return(adapter.dispatch('type_double', 'mall_segments')()) }}
{%- endmacro %}

{% macro default__type_double() -%}
    double
{%- endmacro %}

{% macro postgres__type_double() -%}
    double precision
{%- endmacro %}
