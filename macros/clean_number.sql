{# A source value as a double: as it stands where it already reads as one, else without currency signs and
   thousands separators ('$1,234.50'); null where it is no finite number within the column's `min` and `max`. #}
{% macro clean_number(expression, column) -%}
    {%- set number -%}
        coalesce(
            try_cast({{ expression }} as double),
            try_cast(
                {{ plain_number('cast(' ~ expression ~ ' as ' ~ dbt.type_string() ~ ')') }} as double
            )
        )
    {%- endset -%}
    case
        when
            {{ number }} between {{ column.min if column.min is not none else '-1e300' }}
            and {{ column.max if column.max is not none else '1e300' }}
            then {{ number }}
    end
{%- endmacro %}
