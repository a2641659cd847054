{%- set segmentation = var('segmentations') | first -%}
with

candidates as (

    select * from {{ ref('upgrade_candidates') }}
    where segmentation = '{{ segmentation }}'

),

champions as (

    select max(cast(trained_at as date)) as segmented_on from {{ ref('segmentation_models') }}
    where is_champion

),

facts as (

    select
        candidates.customer_id,
        '{{ segmentation }} ' || candidates.segment_id as segment_key,
        candidates.feature,
        candidates.change,
        champions.segmented_on
    from candidates
    cross join champions

)

select * from facts
