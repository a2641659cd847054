{# A customer id as text. One that the source holds as a floating-point or decimal number is written without its
   empty decimals: 17, not 17.0. #}
{% macro id_text(expression) -%}
    case
        when lower(substr(typeof({{ expression }}), 1, 5)) in ('doubl', 'float', 'decim')
            then regexp_replace(cast({{ expression }} as {{ dbt.type_string() }}), '[.]0+$', '')
        else cast({{ expression }} as {{ dbt.type_string() }})
    end
{%- endmacro %}
