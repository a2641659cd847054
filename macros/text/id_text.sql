{# A customer id as text. One that the source holds as a floating-point or decimal number is written without its empty
   decimals: 17, not 17.0; so is a text where `drops_decimals` says that all ids of its file end like this. #}
{% macro id_text(expression, is_text, drops_decimals) -%}
    {%- set text = trimmed(expression) -%}
    {%- set pattern = "'[.]0+$'" -%}
    {%- if is_text -%}
        case when {{ drops_decimals }} then regexp_replace({{ text }}, {{ pattern }}, '') else {{ text }} end
    {%- else -%}
        case
            when lower(substr(typeof({{ expression }}), 1, 5)) in ('doubl', 'float', 'decim')
                then regexp_replace({{ text }}, {{ pattern }}, '')
            else {{ text }}
        end
    {%- endif -%}
{%- endmacro %}
