with

asked as (

    select distinct
        segmentation,
        feature,
        label,
        unit,
        feature_position,
        level != '' as is_category
    from {{ ref('segment_centroids') }}

),

fields as (

    select
        ---------- ids
        asked.segmentation,
        asked.feature,

        ---------- how to speak of it
        asked.label,
        asked.unit,
        asked.feature_position,
        asked.is_category,

        ---------- all customers
        figures.mean,
        figures.minimum as lowest,
        figures.maximum as highest
    from asked
    left join {{ ref('feature_figures') }} as figures on asked.feature = figures.feature and not asked.is_category

)

select * from fields
