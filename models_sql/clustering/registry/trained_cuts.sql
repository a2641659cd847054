{{ config(
    enabled=scores_purchases(),
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='append_new_columns',
    full_refresh=false,
) }}
-- Written once per version, before its centers, which make it count.
with

new_versions as (

    select
        fits.segmentation,
        max(fits.model_version) as model_version
    from {{ ref('segment_fits') }} as fits
    left join {{ source('state', 'trained_cuts') }} as written
        on fits.segmentation = written.segmentation and fits.model_version = written.model_version
    where written.segmentation is null
    group by fits.segmentation

),

cuts as (

    select
        new_versions.segmentation,
        cast(new_versions.model_version as integer) as model_version,
        'spending_score' as feature,
        steps.score,
        steps.up_to
    from new_versions
    cross join {{ ref('spending_score_steps') }} as steps

)

select * from cuts
