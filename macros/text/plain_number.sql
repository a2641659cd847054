{# A value that reads as a number as it stands, as a double; null where the marks in it ask for a second look. That is
   all but a few in most columns, and a cast is the cheapest way to read them. #}
{% macro plain_number(expression, has_decimal_comma) -%}
    case
        when {{ has_decimal_comma }} and {{ expression }} like '%.___%' then null
        else {{ try_number(expression) }}
    end
{%- endmacro %}
