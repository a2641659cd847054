{# A customer id as text. One that the source holds as a floating-point or decimal number is written without its empty
   decimals: 17, not 17.0; so is a text where `drops_decimals` says that all ids of its file end like this. #}
{% macro id_text(expression, column, drops_decimals) -%}
    {%- set text = trimmed(expression) -%}
    {%- set whole = "regexp_replace(" ~ text ~ ", '[.]0+$', '')" -%}
    {%- if column.is_text -%}
        case when {{ drops_decimals }} then {{ whole }} else {{ text }} end
    {%- elif modules.re.match('double|float|real|decimal|numeric', column.get('data_type', '')) -%}
        {{ whole }}
    {%- else -%}
        {{ text }}
    {%- endif -%}
{%- endmacro %}
