{# A written number as a double, null where it is none. `text` is spelled as `number_text` spells it, `digits` and
   `mark` are what `number_digits` and `decimal_mark` make of it, and `has_decimal_comma` says how the column is read
   where a number alone does not decide. #}
{% macro written_number(text, digits, mark, has_decimal_comma) -%}
    {%- set plain -%}
        case
            when {{ mark }} = ',' or ({{ mark }} = '?' and {{ has_decimal_comma }})
                then replace(translate({{ digits }}, '. ', ''), ',', '.')
            when {{ mark }} is not null then translate({{ digits }}, ', ', '')
        end
    {%- endset -%}
    {{ try_number(plain) }}
    * case when {{ text }} like '%-%' or {{ text }} like '(%' then -1 else 1 end
    / case when {{ text }} like '%!%%' escape '!' then 100 else 1 end
{%- endmacro %}
