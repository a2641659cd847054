{# A number, null where it is not within a column's `min` and `max`. Numbers past 1e100 in size never are: they would
   overflow the squares that statistics are made of. #}
{% macro within_range(number, column) -%}
    case
        when
            {{ number }} between {{ column.min if column.min is not none else '-1e100' }}
            and {{ column.max if column.max is not none else '1e100' }}
            then {{ number }}
    end
{%- endmacro %}
