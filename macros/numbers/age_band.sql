{# The age bands market research uses. #}
{% macro age_band(age) -%}
    case
        when {{ age }} < 25 then 'under 25'
        when {{ age }} < 35 then '25-34'
        when {{ age }} < 45 then '35-44'
        when {{ age }} < 55 then '45-54'
        when {{ age }} < 65 then '55-64'
        when {{ age }} >= 65 then '65 and over'
    end
{%- endmacro %}
