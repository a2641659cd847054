with

quantiles as (

    select
        ---------- ids
        spreads.segmentation,
        spreads.segment_id,
        spreads.feature,

        ---------- how to speak of the segment
        segments.segment_name,
        segments.value_rank,

        ---------- quantiles
        spreads.p05,
        spreads.p25,
        spreads.p50,
        spreads.p75,
        spreads.p95
    from {{ ref('segment_spreads') }} as spreads
    inner join {{ ref('segments') }} as segments
        on spreads.segmentation = segments.segmentation and spreads.segment_id = segments.segment_id

)

select * from quantiles
