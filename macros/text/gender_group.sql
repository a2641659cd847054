{# Women or men, as sources write it, and 'other' for whatever else is stated; null where gender is not stated. #}
{% macro gender_group(column) -%}
    case
        when lower({{ column }}) in ('female', 'f', 'woman') then 'women'
        when lower({{ column }}) in ('male', 'm', 'man') then 'men'
        when {{ column }} is not null then 'other'
    end
{%- endmacro %}
