{# A feature's value as a person would say it: 'annual income 15 k$', 'spending score 39 points', 'a woman'.
   Without `named` only the value and its unit: '15 k$'. #}
{% macro measured_text(feature, value, named=true) -%}
    {#- A feature that check_vars is about to refuse must not fail here first. -#}
    {%- set measure = numeric_features().get(feature, {'label': feature, 'unit': ''}) -%}
    {%- if feature == 'is_female' -%}
        {%- if named -%}
            case when {{ value }} >= 0.5 then 'a woman' else 'a man' end
        {%- else -%}
            {{ plain_text('100 * ' ~ value, 0) }} || ' % women'
        {%- endif -%}
    {%- else -%}
        {%- if named -%} {{ sql_text(measure.label ~ ' ') }} || {% endif -%}
        {{ with_unit(plain_text(value), measure.unit) }}
    {%- endif -%}
{%- endmacro %}
