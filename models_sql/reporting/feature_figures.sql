with

spans as (

    select
        *,
        nullif(maximum - minimum, 0) / 20 as narrowest
    from {{ ref('feature_statistics') }}

),

powers as (

    select
        *,
        power(1e1, floor(log10(narrowest))) as unit_width
    from spans

),

-- At most about twenty bins, which begin and step at round numbers: 1, 2 or 5 times a power of ten.
widths as (

    select
        *,
        case
            when narrowest is null then 1
            when unit_width >= narrowest * 0.999999999 then unit_width
            when 2 * unit_width >= narrowest * 0.999999999 then 2 * unit_width
            when 5 * unit_width >= narrowest * 0.999999999 then 5 * unit_width
            else 10 * unit_width
        end as bin_width
    from powers

),

figures as (

    select
        ---------- ids
        feature,

        ---------- how to speak of it
        label,
        unit,
        feature_order,

        ---------- all customers
        customers,
        missing_count,
        mean,
        stddev,
        median,
        minimum,
        maximum,

        ---------- bins of its histograms
        case
            when narrowest is null then minimum
            else {{ significant('(floor(minimum / bin_width) * bin_width)') }}
        end as first_bin_start,
        bin_width
    from widths

)

select * from figures
