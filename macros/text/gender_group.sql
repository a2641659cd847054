{# Women or men, as sources write it; null where gender is not stated or neither. #}
{% macro gender_group(column) -%}
    case
        when lower({{ column }}) in ('female', 'f', 'woman') then 'women'
        when lower({{ column }}) in ('male', 'm', 'man') then 'men'
    end
{%- endmacro %}
