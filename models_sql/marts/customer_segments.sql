{{ config(materialized='view') }}

with

scores as (

    select * from {{ ref('customer_scores') }}

),

segments as (

    select * from {{ ref('segments') }}

),

by_segmentation as (

    {% for segmentation, given in var('segmentations').items() -%}
    select
        '{{ segmentation }}' as segmentation,
        customer_id,
        {{ segmentation }}_segment_id as segment_id,
        {{ segmentation }}_distance as distance,
        {{ segmentation }}_runner_up_segment_id as runner_up_segment_id,
        {{ segmentation }}_runner_up_distance as runner_up_distance,
        {{ segmentation }}_is_outlier as is_outlier
    from scores
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

assigned as (

    select
        ---------- ids
        by_segmentation.segmentation,
        by_segmentation.customer_id,

        ---------- where the customer is
        cast(by_segmentation.segment_id as integer) as segment_id,
        segments.segment_name,
        by_segmentation.distance,

        ---------- where else it could be
        cast(by_segmentation.runner_up_segment_id as integer) as runner_up_segment_id,
        runners_up.segment_name as runner_up_segment_name,
        by_segmentation.runner_up_distance,

        ---------- how sure
        1 - by_segmentation.distance / nullif(by_segmentation.runner_up_distance, 0) as margin,
        by_segmentation.is_outlier
    from by_segmentation
    left join segments
        on
            by_segmentation.segmentation = segments.segmentation
            and by_segmentation.segment_id = segments.segment_id
    left join segments as runners_up
        on
            by_segmentation.segmentation = runners_up.segmentation
            and by_segmentation.runner_up_segment_id = runners_up.segment_id

)

select * from assigned
