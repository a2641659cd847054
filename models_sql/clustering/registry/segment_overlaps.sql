{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='append_new_columns',
    full_refresh=false,
) }}
-- Where the customers of each segment went with a new version: the training sample, as the champion before placed it
-- and as the new version does. Written once, when the version is new.
{%- set segmentations = var('segmentations') %}
with

new_centroids as (

    select
        centroids.*,
        features.fill_value,
        features.low_fence,
        features.high_fence,
        features.transform,
        features.scale
    from {{ ref('new_centroids') }} as centroids
    inner join {{ ref('trained_features') }} as features
        on
            centroids.segmentation = features.segmentation
            and centroids.model_version = features.model_version
            and centroids.feature = features.feature
            and centroids.level = features.level

),

new_segments as (

    select distinct
        new_centroids.segmentation,
        new_centroids.model_version,
        new_centroids.segment_id
    from new_centroids
    {% if is_incremental() -%}
    left join {{ this }} as written
        on
            new_centroids.segmentation = written.segmentation
            and new_centroids.model_version = written.model_version
    where written.segmentation is null
    {%- endif %}

),

{% for segmentation in segmentations %}
{{ segmentation }}_sample as (

    select * from {{ ref('training_sample') }}
    where segmentation = '{{ segmentation }}'

),

{{ scoring_steps(segmentation, segmentation ~ '_sample', 'new_centroids', segmentation ~ '_new') }},
{% endfor %}

scored as (

    {% for segmentation in segmentations -%}
    select
        segmentation,
        customer_id,
        sample_weight,
        {{ scores(segmentation, segmentation ~ '_new').segment_id }} as segment_id
    from {{ segmentation }}_new_scored
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

-- A customer far from every former segment was in none of them. Who is in no new one finds no partner in the join; the
-- planner would take much longer over a condition on what `scores` finds.
shared_customers as (

    select
        scored.segmentation,
        cast(new_segments.model_version as integer) as model_version,
        incumbents.model_version as former_version,
        cast(scored.segment_id as integer) as segment_id,
        case when not incumbents.is_outlier then incumbents.segment_id end as former_segment_id,
        sum(scored.sample_weight) as customers
    from scored
    inner join new_segments
        on scored.segmentation = new_segments.segmentation and scored.segment_id = new_segments.segment_id
    inner join {{ ref('incumbent_segments') }} as incumbents
        on scored.segmentation = incumbents.segmentation and scored.customer_id = incumbents.customer_id
    group by
        scored.segmentation, new_segments.model_version, incumbents.model_version, scored.segment_id,
        case when not incumbents.is_outlier then incumbents.segment_id end

)

select * from shared_customers
