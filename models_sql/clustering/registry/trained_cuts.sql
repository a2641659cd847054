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

    {{ new_versions('trained_cuts') }}

),

cuts as (

    select
        new_versions.segmentation,
        new_versions.model_version,
        'spending_score' as feature,
        steps.score,
        steps.up_to
    from new_versions
    cross join {{ ref('spending_score_steps') }} as steps

)

select * from cuts
