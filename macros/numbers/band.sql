{# 'low', 'average' or 'high' by z-score; the var `average_band_z` bounds the middle. With the band it was in before
   and the `margin` that a bound must be passed by, that band is kept until the score has clearly left it. #}
{% macro band(z, former=none, margin=none) -%}
    {%- set bound = var('average_band_z') -%}
    case
        {% if former is not none -%}
        when {{ former }} = 'low' and {{ z }} <= -{{ bound }} + {{ margin }} then 'low'
        when {{ former }} = 'high' and {{ z }} >= {{ bound }} - {{ margin }} then 'high'
        when {{ former }} = 'average' and abs({{ z }}) < {{ bound }} + {{ margin }} then 'average'
        {% endif -%}
        when {{ z }} <= -{{ bound }} then 'low'
        when {{ z }} < {{ bound }} then 'average'
        when {{ z }} >= {{ bound }} then 'high'
    end
{%- endmacro %}
