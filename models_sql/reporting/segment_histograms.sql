with

counted as (

    select
        shown.segmentation,
        shown.segment_id,
        figures.feature,
        figures.first_bin_start,
        figures.bin_width,
        {{ histogram_bin('shown.value', 'figures.first_bin_start', 'figures.bin_width') }} as bin,
        count(*) as customers
    from {{ ref('scored_values') }} as shown
    inner join {{ ref('feature_figures') }} as figures on shown.feature_order = figures.feature_order
    where shown.value is not null
    group by
        shown.segmentation, shown.segment_id, figures.feature, figures.first_bin_start, figures.bin_width, bin

),

histograms as (

    select
        ---------- ids
        counted.segmentation,
        counted.segment_id,
        counted.feature,
        {{ significant('(counted.first_bin_start + counted.bin * counted.bin_width)') }} as bin_start,
        {{ significant('(counted.first_bin_start + (counted.bin + 1) * counted.bin_width)') }} as bin_end,

        ---------- how to speak of the segment
        segments.segment_name,
        segments.value_rank,

        ---------- how many
        counted.customers
    from counted
    inner join {{ ref('segments') }} as segments
        on counted.segmentation = segments.segmentation and counted.segment_id = segments.segment_id

)

select * from histograms
