{# A source value as a double: as it stands where it already reads as one, else as a person would read it
   ('$1,234.50'); null where it is no finite number within the column's `min` and `max`. Numbers past 1e100 in size
   would overflow the squares that statistics are made of. #}
{% macro clean_number(expression, column) -%}
    {%- set number -%}
        coalesce(
            try_cast({{ expression }} as double),
            try_cast({{ plain_number('trim(cast(' ~ expression ~ ' as ' ~ dbt.type_string() ~ '))') }} as double)
        )
    {%- endset -%}
    case
        when
            {{ number }} between {{ column.min if column.min is not none else '-1e100' }}
            and {{ column.max if column.max is not none else '1e100' }}
            then {{ number }}
    end
{%- endmacro %}
