{{ config(materialized='ephemeral') }}
-- The centers of the versions that the registry does not hold yet, in the features' own units.
with

written as (

    select distinct
        segmentation,
        model_version
    from {{ source('state', 'trained_centroids') }}

),

fits as (

    select fits.*
    from {{ ref('segment_fits') }} as fits
    left join written
        on fits.segmentation = written.segmentation and fits.model_version = written.model_version
    where written.segmentation is null

),

in_own_units as (

    select
        fits.*,
        features.feature,
        features.level,
        {{ in_own_unit('(fits.center * features.scale + features.mean)', "features.transform = 'log'") }} as own_center
    from fits
    inner join {{ ref('trained_features') }} as features
        on
            fits.segmentation = features.segmentation
            and fits.model_version = features.model_version
            and fits.dimension = features.dimension

),

trained as (

    select
        ---------- ids
        segmentation,
        cast(model_version as integer) as model_version,
        cast(segment_id as integer) as segment_id,
        feature,
        level,

        ---------- the segment
        {{ significant('own_center') }} as center,
        -- Rounded up, so that the customer who marks the border keeps within it.
        {{ significant('outlier_distance * 1.000000001e0') }} as outlier_distance,
        training_share,
        training_customers,

        ---------- the run, equal on every row of a version
        cast(n_clusters as integer) as n_clusters,
        features,
        random_seed,
        training_rows,
        data_hash,
        fit_hash,
        package_versions,
        inertia,
        silhouette,
        stability,
        smallest_share,
        cast(incumbent_version as integer) as incumbent_version,
        incumbent_silhouette,
        cast(trained_at as timestamp) as trained_at
    from in_own_units

)

select * from trained
