{# Which mark starts the decimals of a number, as far as its digits decide it: '.' or ','; '?' where one mark before
   three digits may as well part thousands ('1,234'); '' where there are none; null where it is no number. '0,125' has
   decimals since nobody writes a zero of thousands. #}
{% macro decimal_mark(digits) -%}
    case
        when {{ matches(digits, '^[0-9]+$') }} then ''
        when {{ matches(digits, '^[1-9][0-9]{0,2}[.,][0-9]{3}$') }} then '?'
        when {{ matches(digits, '^[0-9]*[.][0-9]+$') }} then '.'
        when {{ matches(digits, '^[0-9]*,[0-9]+$') }} then ','
        when {{ matches(digits, '^[0-9]{1,3}( [0-9]{3})+$') }} then ''
        when {{ matches(digits, '^[0-9]{1,3}( [0-9]{3})+[.][0-9]+$') }} then '.'
        when {{ matches(digits, '^[0-9]{1,3}( [0-9]{3})+,[0-9]+$') }} then ','
        when {{ matches(digits, '^[0-9]{1,3}(,[0-9]{3})+([.][0-9]+)?$') }} then '.'
        when {{ matches(digits, '^[0-9]{1,3}([.][0-9]{3})+(,[0-9]+)?$') }} then ','
        when {{ matches(digits, '^[0-9]{1,2}(,[0-9]{2})+,[0-9]{3}([.][0-9]+)?$') }} then '.'
    end
{%- endmacro %}
