with

champions as (

    select * from {{ ref('segmentation_models') }}
    where is_champion

),

centroids as (

    select
        fits.segmentation,
        fits.model_version,
        fits.segment_id,
        fits.feature,
        fits.feature_position,
        {{ significant('fits.center') }} as center,
        fits.scale,
        -- Rounded up, so that the customer who marks the quantile keeps within it.
        {{ significant('fits.outlier_distance * 1.000000001') }} as outlier_distance,
        fits.training_share
    from {{ ref('trained_centroids') }} as fits
    inner join champions
        on fits.segmentation = champions.segmentation and fits.model_version = champions.model_version

)

select * from centroids
