{# The terms added up, more than sixteen in groups of groups: planners take long over a sum that nests as deep as it has
   terms. #}
{% macro sum_of(terms) -%}
    {%- if terms | length > 16 -%}
        {%- set groups = [] -%}
        {%- for group in terms | batch(16) -%}
            {%- do groups.append('(' ~ (group | join(' + ')) ~ ')') -%}
        {%- endfor -%}
        {{ return(sum_of(groups)) }}
    {%- endif -%}
    {{ return(terms | join(' + ')) }}
{%- endmacro %}
