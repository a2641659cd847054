{# One version of a model as the columns of one row, to score customers with no join that multiplies them. Of each
   number: what a missing value becomes, the fence, the scale. In each slot: the segment's id, how far its customers
   reach, and the coordinate of its center in every number. Unused slots are null. Selects from the rows of one
   segmentation, numbered by `slot`. #}
{% macro model_columns(segmentation) -%}
    {%- for feature in segmentation_numbers(segmentation) -%}
    {%- for figure in ('fill_value', 'low_fence', 'high_fence', 'scale') -%}
    max(case when feature = '{{ feature }}' then {{ figure }} end) as {{ feature }}_{{ figure }},
    {% endfor -%}
    max(case when feature = '{{ feature }}' and transform = 'log' then 1 else 0 end) as {{ feature }}_is_log,
    {% for slot in range(1, max_cluster_count(segmentation) + 1) -%}
    max(case when slot = {{ slot }} and feature = '{{ feature }}' then coordinate end) as {{ feature }}_at_{{ slot }},
    {% endfor -%}
    {% endfor -%}
    {%- for slot in range(1, max_cluster_count(segmentation) + 1) -%}
    max(case when slot = {{ slot }} then segment_id end) as id_{{ slot }},
    max(case when slot = {{ slot }} then outlier_distance end) as reach_{{ slot }}{{ ',' if not loop.last }}
    {% endfor -%}
{%- endmacro %}
