with

features as (

    select distinct
        segmentation,
        feature,
        level,
        label,
        dimension
    from {{ ref('segment_centroids') }}

),

drift as (

    select
        ---------- ids
        drift.segmentation,
        drift.feature,
        drift.level,

        ---------- how to speak of it
        features.label || case when drift.level = '' then '' else ': ' || drift.level end as label,
        features.dimension,

        ---------- then and now
        drift.training_mean,
        drift.mean,
        drift.stability_index,
        drift.share_outside_training_range,
        drift.reading
    from {{ ref('segment_drift') }} as drift
    inner join features
        on
            drift.segmentation = features.segmentation
            and drift.feature = features.feature
            and drift.level = features.level

)

select * from drift
