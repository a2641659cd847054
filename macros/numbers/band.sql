{# 'low', 'average' or 'high' by z-score; the var `average_band_z` bounds the middle. #}
{% macro band(z) -%}
    case
        when {{ z }} <= -{{ var('average_band_z') }} then 'low'
        when {{ z }} < {{ var('average_band_z') }} then 'average'
        when {{ z }} >= {{ var('average_band_z') }} then 'high'
    end
{%- endmacro %}
