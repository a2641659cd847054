-- The champions as the last build that wrote the history left them: what a newly trained model is matched to and
-- measured against, and what tells a customer who changed from a model that changed. Empty on the first build.
with

ranked as (

    select
        *,
        row_number() over (partition by segmentation order by build_number desc, model_version desc) as recency
    from {{ source('state', 'champion_history') }}

),

incumbents as (

    select
        ---------- ids
        centroids.segmentation,
        centroids.model_version,
        centroids.segment_id,
        centroids.feature,
        centroids.level,

        ---------- the segment
        -- A model by another method than today's has no center and places nobody.
        case
            when
                ({{ is_ruled('centroids.package_versions') }})
                = (centroids.segmentation in ({% for name in segmentations_by('rules') %}'{{ name }}', {% endfor %}''))
                then centroids.center
        end as center,
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
    from {{ source('state', 'trained_centroids') }} as centroids
    inner join ranked
        on
            centroids.segmentation = ranked.segmentation
            and centroids.model_version = ranked.model_version
            and ranked.recency = 1
    inner join {{ source('state', 'trained_features') }} as features
        on
            centroids.segmentation = features.segmentation
            and centroids.model_version = features.model_version
            and centroids.feature = features.feature
            and centroids.level = features.level

)

select * from incumbents
