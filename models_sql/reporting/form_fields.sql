with

fields as (

    select
        ---------- ids
        chosen.segmentation,
        chosen.feature,

        ---------- how to speak of it
        figures.label,
        figures.unit,
        chosen.feature_position,

        ---------- all customers
        figures.mean,
        figures.minimum as lowest,
        figures.maximum as highest
    from {{ ref('segmentation_features') }} as chosen
    inner join {{ ref('feature_figures') }} as figures on chosen.feature = figures.feature

)

select * from fields
