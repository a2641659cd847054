{# A source value as trimmed text; blanks and the usual marks of a missing value become null. #}
{% macro clean_text(expression) -%}
    case
        when
            lower(trim(cast({{ expression }} as {{ dbt.type_string() }})))
            in ('', '?', '-', 'na', 'n/a', 'nan', 'null', 'none', 'unknown')
            then null
        else trim(cast({{ expression }} as {{ dbt.type_string() }}))
    end
{%- endmacro %}
