{# The median of `value` for every combination of `keys`, as a query of `keys` and `median`: see `quantiles`. #}
{% macro medians(keys, values) -%}
    {{ quantiles(keys, values, {'median': '5e-1'}) }}
{%- endmacro %}
