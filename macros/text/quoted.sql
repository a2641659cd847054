{# A source's header as a SQL identifier, whatever characters it holds. #}
{% macro quoted(header) -%}
    {%- set mark = adapter.quote('')[0] -%}
    {{ adapter.quote(header | replace(mark, mark ~ mark)) }}
{%- endmacro %}
