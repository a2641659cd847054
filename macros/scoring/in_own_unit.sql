{# The inverse of `transformed`: from the scale of distances back to the feature's own unit. #}
{% macro in_own_unit(value, is_log) -%}
    case when {{ is_log }} then sign({{ value }}) * (exp(abs({{ value }})) - 1) else {{ value }} end
{%- endmacro %}
