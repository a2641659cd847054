{# What a model made by rule says in the place of the packages that did a fit. #}
{% macro by_rule() %}
    {{ return("'by rule'") }}
{% endmacro %}

{# Whether a version of the registry was made by rule, from what it says of its packages. #}
{% macro is_ruled(package_versions) -%}
    coalesce({{ package_versions }}, '') = {{ by_rule() }}
{%- endmacro %}
