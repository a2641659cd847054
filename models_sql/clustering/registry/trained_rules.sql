{{ config(
    enabled=has_rules(),
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='append_new_columns',
    full_refresh=false,
) }}
-- Written once per version, before its centers, which make it count.
with

new_versions as (

    {{ new_versions('trained_rules') }}

),

rules as (

    select
        versions.segmentation,
        versions.model_version,
        cast(groups.segment_id as integer) as segment_id,
        cast(groups.recency_from as integer) as recency_from,
        cast(groups.recency_to as integer) as recency_to,
        cast(groups.frequency_money_from as integer) as frequency_money_from,
        cast(groups.frequency_money_to as integer) as frequency_money_to
    from new_versions
    inner join {{ ref('rule_versions') }} as versions
        on
            new_versions.segmentation = versions.segmentation
            and new_versions.model_version = versions.model_version
    cross join {{ ref('rfm_groups') }} as groups

)

select * from rules
