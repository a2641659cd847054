{# Every feature that a segmentation clusters on, as a list, in the order of the var `segmentations`. #}
{% macro clustered_features() -%}
    {%- set features = {} -%}
    {%- for declared in var('segmentations').values() -%}
        {%- do features.update(declared.features) -%}
    {%- endfor -%}
    {{ return(features.keys() | list) }}
{%- endmacro %}
