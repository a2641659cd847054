{# A written number in one spelling: lower case, one kind of minus, and a plain space for every mark that only parts
   digits. #}
{% macro number_text(expression) -%}
    lower(trim(translate(
        {{ as_text(expression) }},
        '{{ "\u2212\u2013\u2012\u2019\u00b4`\u00a0\u202f\u2009" }}''', '---       '
    )))
{%- endmacro %}
