{# A source value as trimmed text; blanks and the usual marks of a missing value become null. #}
{% macro clean_text(expression) -%}
    {%- set text = trimmed(expression) -%}
    case
        when lower({{ text }}) in ('', '?', '-', 'na', 'n/a', 'nan', 'null', 'none', 'unknown') then null
        else {{ text }}
    end
{%- endmacro %}
