{# Whether `feature` is in the comma-separated list `imputed_features`. #}
{% macro is_imputed(feature, imputed_features) -%}
    ', ' || {{ imputed_features }} || ',' like '%, {{ feature }},%'
{%- endmacro %}
