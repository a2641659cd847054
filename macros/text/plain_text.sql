{# A number as a person would write it: rounded to `digits` decimals, whole numbers without any. #}
{% macro plain_text(number, digits=1) -%}
    case
        when abs({{ number }}) < 1e15 and round({{ number }}, {{ digits }}) = round({{ number }})
            then cast(cast(round({{ number }}) as bigint) as {{ dbt.type_string() }})
        else cast(round({{ number }}, {{ digits }}) as {{ dbt.type_string() }})
    end
{%- endmacro %}
