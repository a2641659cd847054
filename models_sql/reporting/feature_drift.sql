with

drift as (

    select
        ---------- ids
        drift.segmentation,
        drift.feature,

        ---------- how to speak of it
        features.label,
        features.feature_position,

        ---------- then and now
        drift.training_mean,
        drift.mean,
        drift.stability_index,
        drift.share_outside_training_range,
        drift.reading
    from {{ ref('segment_drift') }} as drift
    inner join {{ ref('segmentation_features') }} as features
        on drift.segmentation = features.segmentation and drift.feature = features.feature
    where drift.stability_index is not null and drift.share_outside_training_range is not null

)

select * from drift
