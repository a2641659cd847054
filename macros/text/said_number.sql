{# A number of a var as it stands in a sentence: with the decimal mark of the var `number_format`. #}
{% macro said_number(number) -%}
    {{ return(number | string | replace('.', (var('number_format') or {'decimal': '.'}).decimal)) }}
{%- endmacro %}
