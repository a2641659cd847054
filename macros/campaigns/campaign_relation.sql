{# Where campaigns or their outcomes are read from: the table that a var names, else the seed. #}
{% macro campaign_relation(variable, seed) -%}
    {{ return(var(variable) if var(variable) else seed) }}
{%- endmacro %}
