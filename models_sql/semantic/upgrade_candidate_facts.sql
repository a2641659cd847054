{%- set segmentation = var('segmentations') | first -%}
with

candidates as (

    select * from {{ ref('upgrade_candidates') }}
    where segmentation = '{{ segmentation }}'

),

as_of_days as (

    select max(as_of) as segmented_on from {{ ref('segmentations') }}

),

facts as (

    select
        candidates.customer_id,
        candidates.segment_key,
        candidates.feature,
        candidates.change,
        as_of_days.segmented_on
    from candidates
    cross join as_of_days

)

select * from facts
