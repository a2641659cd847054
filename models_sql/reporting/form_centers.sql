with

centers as (

    select
        ---------- ids
        segmentation,
        segment_id,
        feature,
        level,
        dimension,

        ---------- from a value to a coordinate
        valid_min,
        valid_max,
        fill_value,
        low_fence,
        high_fence,
        transform,
        scale,

        ---------- the segment
        center
    from {{ ref('segment_centroids') }}

)

select * from centers
