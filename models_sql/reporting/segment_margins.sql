with

counted as (

    select
        segmentation,
        segment_id,
        segment_name,
        {{ rounded('margin * 100') }} as percent,
        count(*) as customers
    from {{ ref('customer_segments') }}
    where segment_id is not null and margin is not null
    group by segmentation, segment_id, segment_name, percent

),

margins as (

    select
        ---------- ids
        counted.segmentation,
        counted.segment_id,
        counted.percent / 100 as margin,

        ---------- how to speak of the segment
        counted.segment_name,
        segments.value_rank,

        ---------- how many
        counted.customers
    from counted
    inner join {{ ref('segments') }} as segments
        on counted.segmentation = segments.segmentation and counted.segment_id = segments.segment_id

)

select * from margins
