{# A trimmed text, null where it is blank or one of the usual marks of a missing value. #}
{% macro clean_text(text) -%}
    case when {{ is_blank(text) }} then null else {{ text }} end
{%- endmacro %}
