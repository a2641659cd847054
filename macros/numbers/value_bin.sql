{# Which of 2,000 equal steps from `lowest` to `highest` a value lies in; 0 where there is nothing between them. #}
{% macro value_bin(value, lowest, highest) -%}
    coalesce(floor(({{ value }} - {{ lowest }}) / nullif(({{ highest }} - {{ lowest }}) / 2000, 0)), 0)
{%- endmacro %}
