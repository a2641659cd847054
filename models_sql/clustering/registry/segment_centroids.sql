-- The champions: all that scoring a customer takes.
with

champions as (

    select * from {{ ref('segmentation_models') }}
    where is_champion

),

centroids as (

    select
        ---------- ids
        centroids.segmentation,
        centroids.model_version,
        centroids.segment_id,
        centroids.feature,
        centroids.level,

        ---------- the segment
        centroids.center,
        centroids.outlier_distance,
        centroids.training_share,

        ---------- from a value to a coordinate
        features.feature_position,
        features.dimension,
        features.label,
        features.unit,
        features.weight,
        features.valid_min,
        features.valid_max,
        features.fill_value,
        features.low_fence,
        features.high_fence,
        features.transform,
        features.mean,
        features.scale
    from {{ ref('trained_centroids') }} as centroids
    inner join champions
        on centroids.segmentation = champions.segmentation and centroids.model_version = champions.model_version
    inner join {{ ref('trained_features') }} as features
        on
            centroids.segmentation = features.segmentation
            and centroids.model_version = features.model_version
            and centroids.feature = features.feature
            and centroids.level = features.level

)

select * from centroids
