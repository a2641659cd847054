{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='append_new_columns',
    full_refresh=false,
) }}
-- A version is written once, before its centers, which make it count.
with

new_versions as (

    {{ new_versions('trained_features') }}

),

trained as (

    select
        ---------- ids
        features.segmentation,
        new_versions.model_version,
        features.feature,
        features.level,
        features.feature_position,
        features.dimension,

        ---------- how to speak of it
        features.label,
        features.unit,

        ---------- from a value to a coordinate
        features.weight,
        features.valid_min,
        features.valid_max,
        features.fill_value,
        features.low_fence,
        features.high_fence,
        features.transform,
        features.transform_reason,
        features.mean,
        features.scale
    from {{ ref('segmentation_features') }} as features
    inner join new_versions on features.segmentation = new_versions.segmentation

)

select * from trained
