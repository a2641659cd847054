{# Written before the bracket of a CTE whose expressions are long and read often: make it once. PostgreSQL would write
   them into every place that reads them, and into those that read these, until planning takes longer than a build. #}
{% macro materialized() -%}
    {{ return(adapter.dispatch('materialized', 'mall_segments')()) }}
{%- endmacro %}

{% macro default__materialized() -%}
{%- endmacro %}

{% macro postgres__materialized() -%}
    materialized
{%- endmacro %}
