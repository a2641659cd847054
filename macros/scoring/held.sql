{# A value held to a fence: what lies beyond counts as the fence. A missing value stays missing. #}
{% macro held(value, low, high) -%}
    case when {{ value }} < {{ low }} then {{ low }} when {{ value }} > {{ high }} then {{ high }} else {{ value }} end
{%- endmacro %}
