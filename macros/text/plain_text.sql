{# A number as a person would write it: rounded to `digits` decimals, whole numbers without any. #}
{% macro plain_text(number, digits=1) -%}
    case
        when abs({{ number }}) < 1e15 and {{ rounded(number, digits) }} = {{ rounded(number) }}
            then cast(cast({{ rounded(number) }} as bigint) as {{ dbt.type_string() }})
        else {{ as_text(rounded(number, digits)) }}
    end
{%- endmacro %}
