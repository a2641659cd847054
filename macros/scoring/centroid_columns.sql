{# A model's centroids as the columns of one row, to score customers with no join that multiplies them: in each slot
   a center in scaled units, the segment's id and its outlier distance; and each feature's scale. Unused slots are
   null. Selects from rows of one segmentation that are numbered by `slot`. #}
{% macro centroid_columns(segmentation) -%}
    {%- set features = var('segmentations')[segmentation].features -%}
    {%- for slot in range(1, max_cluster_count(segmentation) + 1) -%}
    {%- for feature in features -%}
    max(case when slot = {{ slot }} and feature = '{{ feature }}' then center / scale end) as {{ feature }}_{{ slot }},
    {% endfor -%}
    max(case when slot = {{ slot }} then segment_id end) as id_{{ slot }},
    max(case when slot = {{ slot }} then outlier_distance end) as reach_{{ slot }},
    {% endfor -%}
    {%- for feature in features -%}
    max(case when feature = '{{ feature }}' then scale end) as {{ feature }}_scale{{ ',' if not loop.last }}
    {% endfor -%}
{%- endmacro %}
