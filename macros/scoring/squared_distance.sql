{# The squared distance, in scaled units, of a customer to the center in one slot of a row of `centroid_columns`. #}
{% macro squared_distance(segmentation, slot, customers, model) -%}
    {%- for feature in var('segmentations')[segmentation].features -%}
    {%- set difference -%}
        ({{ customers }}.{{ feature }} / {{ model }}.{{ feature }}_scale - {{ model }}.{{ feature }}_{{ slot }})
    {%- endset -%}
    {{ difference }} * {{ difference }}{{ ' + ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
