{# A source value as a double: as it stands where it already reads as one, else as a person would read it
   ('$1,234.50'), else null. #}
{% macro clean_number(expression) -%}
    coalesce(
        try_cast({{ expression }} as double),
        try_cast({{ plain_number('trim(cast(' ~ expression ~ ' as ' ~ dbt.type_string() ~ '))') }} as double)
    )
{%- endmacro %}
