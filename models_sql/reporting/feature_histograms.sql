{%- set has_gender = 'gender' in customer_columns('category') -%}
with

valued as (

    select
        {{ "coalesce(scores.gender, 'not stated')" if has_gender else "'everyone'" }} as customer_group,
        figures.feature,
        figures.first_bin_start,
        figures.bin_width,
        {{ feature_value('figures.feature', 'scores') }} as value
    from {{ ref('customer_scores') }} as scores
    cross join {{ ref('feature_figures') }} as figures

),

counted as (

    select
        feature,
        first_bin_start,
        bin_width,
        {{ histogram_bin('value', 'first_bin_start', 'bin_width') }} as bin,
        customer_group,
        count(*) as customers
    from valued
    where value is not null
    group by feature, first_bin_start, bin_width, bin, customer_group

),

histograms as (

    select
        ---------- ids
        feature,
        {{ significant('(first_bin_start + bin * bin_width)') }} as bin_start,
        {{ significant('(first_bin_start + (bin + 1) * bin_width)') }} as bin_end,
        customer_group,

        ---------- how many
        customers
    from counted

)

select * from histograms
