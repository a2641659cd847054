{{ config(materialized='view') }}

with

changes as (

    select
        *,
        row_number() over (partition by segmentation, segment_id, feature order by change_number desc) as recency
    from {{ ref('segment_bands') }}

),

bands as (

    select
        changes.segmentation,
        changes.segment_id,
        changes.feature,
        changes.band,
        changes.age_decade,
        changes.name_place,
        changes.change_number,
        changes.feature = 'value' or centroids.feature is not null as is_of_segmentation,
        case when centroids.level != '' then centroids.feature end as category,
        nullif(centroids.level, '') as level
    from changes
    left join {{ ref('segment_centroids') }} as centroids
        on
            changes.segmentation = centroids.segmentation
            and changes.segment_id = centroids.segment_id
            and changes.feature = centroids.feature
            || case when centroids.level = '' then '' else ': ' || centroids.level end
    where changes.recency = 1

)

select * from bands
