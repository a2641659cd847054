{%- set binned -%}
    select
        segmentation_position,
        segment_id,
        feature_order,
        value,
        {{ value_bin('value', 'lowest', 'highest') }} as bin
    from {{ ref('scored_values') }}
{%- endset -%}
with

-- Numbers stand for the names while rows are counted: they are quicker to group by.
spreads as (

    {{ quantiles(
        ['segmentation_position', 'segment_id', 'feature_order'],
        binned,
        {'p05': '5e-2', 'p25': '25e-2', 'p50': '5e-1', 'p75': '75e-2', 'p95': '95e-2'},
    ) }}

),

named as (

    select
        ---------- ids
        segmentations.segmentation,
        spreads.segment_id,
        {{ segment_key('segmentations.segmentation', 'spreads.segment_id') }} as segment_key,
        statistics.feature,

        ---------- quantiles
        spreads.p05,
        spreads.p25,
        spreads.p50,
        spreads.p75,
        spreads.p95
    from spreads
    inner join {{ ref('segmentations') }} as segmentations
        on spreads.segmentation_position = segmentations.position
    inner join {{ ref('feature_statistics') }} as statistics on spreads.feature_order = statistics.feature_order

)

select * from named
