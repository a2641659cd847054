{# A date, null where it lies outside the valid range of its column. #}
{% macro within_dates(expression, column) -%}
    case
        when {{ expression }}
            {%- if column.min is not none %} >= cast('{{ column.min }}' as date)
            {%- else %} is not null
            {%- endif %}
            {%- if column.max is not none %} and {{ expression }} <= cast('{{ column.max }}' as date)
            {%- endif %}
            then {{ expression }}
    end
{%- endmacro %}
