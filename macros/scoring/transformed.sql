{# A value on the scale that distances are taken on: sign(x) * ln(1 + |x|) where `is_log`, else as it is. The logarithm
   of both signs lets net returns, which are negative, keep their place. #}
{% macro transformed(value, is_log) -%}
    case when {{ is_log }} then sign({{ value }}) * ln(1 + abs({{ value }})) else {{ value }} end
{%- endmacro %}
