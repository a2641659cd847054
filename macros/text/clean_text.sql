{# A trimmed text, null where it is blank or one of the usual marks of a missing value. #}
{% macro clean_text(text) -%}
    case
        when lower({{ text }}) in ('', '?', '-', 'na', 'n/a', 'nan', 'null', 'none', 'unknown') then null
        else {{ text }}
    end
{%- endmacro %}
