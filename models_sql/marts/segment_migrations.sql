with

counted as (

    select
        segmentation,
        build_number,
        moved_at,
        from_segment_id,
        to_segment_id,
        from_segment_key,
        to_segment_key,
        cause,
        count(*) as customers
    from {{ ref('segment_moves') }}
    group by
        segmentation, build_number, moved_at, from_segment_id, to_segment_id, from_segment_key, to_segment_key, cause

),

migrations as (

    select
        ---------- ids
        counted.segmentation,
        counted.build_number,
        counted.moved_at,
        counted.from_segment_id,
        counted.to_segment_id,
        counted.from_segment_key,
        counted.to_segment_key,

        ---------- what happened
        counted.cause,
        counted.customers,

        ---------- what the segments are called today; a retired one has lost its name
        from_segments.segment_name as from_segment_name,
        to_segments.segment_name as to_segment_name
    from counted
    left join {{ ref('segments') }} as from_segments
        on
            counted.segmentation = from_segments.segmentation
            and counted.from_segment_id = from_segments.segment_id
    left join {{ ref('segments') }} as to_segments
        on
            counted.segmentation = to_segments.segmentation
            and counted.to_segment_id = to_segments.segment_id

)

select * from migrations
