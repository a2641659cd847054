{# dbt asks this macro for the nodes of this package, in whatever project it is installed. #}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ mall_segments.schema_name(custom_schema_name | trim) if custom_schema_name else target.schema }}
{%- endmacro %}
