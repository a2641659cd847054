{# Schemas carry their plain names (`marts`, not `main_marts`), so a query reads the same in every target. #}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ (custom_schema_name or target.schema) | trim }}
{%- endmacro %}
