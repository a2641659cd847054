with

cells as (

    select
        ---------- ids
        profiles.segmentation,
        profiles.segment_id,
        profiles.feature,

        ---------- how to speak of them
        segments.segment_name,
        segments.value_rank,
        profiles.label,
        profiles.unit,
        profiles.feature_order,

        ---------- the segment's customers
        profiles.mean,
        profiles.z_score,

        ---------- the model
        profiles.center,
        profiles.scale
    from {{ ref('segment_profiles') }} as profiles
    inner join {{ ref('segments') }} as segments
        on profiles.segmentation = segments.segmentation and profiles.segment_id = segments.segment_id

)

select * from cells
