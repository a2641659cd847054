{# A number as a person would write it: rounded to `digits` decimals, whole numbers without any, with the marks of the
   var `number_format`; without one with a decimal point. #}
{% macro plain_text(number, digits=1) -%}
    {%- set text -%}
        case
            when abs({{ number }}) < 1e15 and {{ rounded(number, digits) }} = {{ rounded(number) }}
                then cast(cast({{ rounded(number) }} as bigint) as {{ dbt.type_string() }})
            else {{ as_text(rounded(number, digits)) }}
        end
    {%- endset -%}
    {%- if not var('number_format') -%}
        {{ text }}
    {%- else -%}
        {%- set decimal = var('number_format').decimal -%}
        {%- set whole = 'cast(cast(floor(abs(' ~ rounded(number, digits) ~ ')) as bigint) as ' ~ dbt.type_string() ~ ')' -%}
        case
            when abs({{ number }}) >= 9.99e2 and abs({{ number }}) < 9.99e14
                then
                    case when {{ number }} < 0 then '-' else '' end || {{ grouped_digits(whole) }}
                    || replace(
                        substr({{ text }}, length({{ whole }}) + case when {{ number }} < 0 then 2 else 1 end),
                        '.', '{{ decimal }}'
                    )
            else replace({{ text }}, '.', '{{ decimal }}')
        end
    {%- endif -%}
{%- endmacro %}
