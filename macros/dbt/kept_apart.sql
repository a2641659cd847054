{# The end of a CTE whose expressions are long and read often. PostgreSQL would write them into every place that reads
   them, and into those that read these, until planning takes longer than a build. To hold the rows of the CTE instead
   would write all of them to disk. #}
{% macro kept_apart() -%}
    {{ return(adapter.dispatch('kept_apart', 'mall_segments')()) }}
{%- endmacro %}

{% macro default__kept_apart() -%}
{%- endmacro %}

{% macro postgres__kept_apart() -%}
    offset 0
{%- endmacro %}
