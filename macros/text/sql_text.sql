{# A text as a SQL literal. #}
{% macro sql_text(text) -%}
    {{ return(adapter.dispatch('sql_text', 'mall_segments')(text)) }}
{%- endmacro %}

{% macro default__sql_text(text) -%}
    '{{ text | replace("'", "''") }}'
{%- endmacro %}

{% macro spark__sql_text(text) -%}
    '{{ text | replace("\\", "\\\\") | replace("'", "''") }}'
{%- endmacro %}
