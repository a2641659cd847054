{# A customer id as trimmed text. One that the source holds as a floating-point or decimal number is written without
   its empty decimals: 17, not 17.0. #}
{% macro id_text(expression) -%}
    {%- set text = 'cast(' ~ expression ~ ' as ' ~ dbt.type_string() ~ ')' -%}
    trim(
        case
            when lower(substr(typeof({{ expression }}), 1, 5)) in ('doubl', 'float', 'decim')
                then regexp_replace({{ text }}, '[.]0+$', '')
            else {{ text }}
        end
    )
{%- endmacro %}
