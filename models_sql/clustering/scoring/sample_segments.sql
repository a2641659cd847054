-- Where the champion puts the sample it may have been trained on: what is asked of a sample need not ask all customers.
{%- set segmentations = var('segmentations') %}
with

{% for segmentation in segmentations %}
{{ segmentation }}_sample as (

    select * from {{ ref('training_sample') }}
    where segmentation = '{{ segmentation }}'

),

{{ scoring_steps(segmentation, segmentation ~ '_sample', ref('segment_centroids'), segmentation) }},
{% endfor %}

assigned as (

    {% for segmentation in segmentations -%}
    {%- set columns = scores(segmentation, segmentation) -%}
    select
        ---------- ids
        segmentation,
        customer_id,

        ---------- where the champion puts the customer
        cast({{ columns.segment_id }} as integer) as segment_id,
        {{ columns.distance }} as distance,
        cast({{ columns.runner_up_segment_id }} as integer) as runner_up_segment_id,
        {{ columns.runner_up_distance }} as runner_up_distance
    from {{ segmentation }}_scored
    {{ 'union all' if not loop.last }}
    {% endfor %}

)

select * from assigned
