{# Whether a comma-separated list of columns names one. #}
{% macro lists_column(list, name) -%}
    {{ list }} <> '' and ', ' || {{ list }} || ', ' like '%, {{ name }}, %'
{%- endmacro %}
