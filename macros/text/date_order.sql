{# What stands first in a written date with the year last: 'day' or 'month', '?' where both numbers may be a month;
   null where the year is first or it is no date. Dots part dates only where the day comes first. #}
{% macro date_order(text) -%}
    {%- set end = '[0-9]{4}([ T].*)?$' -%}
    case
        when {{ matches(text, '^[0-9]{1,2}[.][0-9]{1,2}[.]' ~ end) }} then 'day'
        when {{ matches(text, '^(1[3-9]|[23][0-9])[/-](0?[1-9]|1[0-2])[/-]' ~ end) }} then 'day'
        when {{ matches(text, '^(0?[1-9]|1[0-2])[/-](1[3-9]|[23][0-9])[/-]' ~ end) }} then 'month'
        when {{ matches(text, '^(0?[1-9]|1[0-2])[/-](0?[1-9]|1[0-2])[/-]' ~ end) }} then '?'
    end
{%- endmacro %}
