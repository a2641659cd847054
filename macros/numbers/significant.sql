{# A number rounded to ten significant digits. Sums of doubles differ in their last bits with the order of the
   rows and the number of threads; what is stored must not. #}
{% macro significant(expression) -%}
    case
        when {{ expression }} = 0 then 0.0
        else
            round({{ expression }} * power(10.0, 9 - floor(log10(abs({{ expression }})))))
            / power(10.0, 9 - floor(log10(abs({{ expression }}))))
    end
{%- endmacro %}
