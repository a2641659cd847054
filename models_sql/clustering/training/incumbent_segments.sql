-- Where the champion before this build puts today's sample, by the features that both know.
{%- set segmentations = var('segmentations') %}
with

comparable as (

    select
        incumbents.segmentation,
        max(incumbents.model_version) as model_version,
        count(distinct incumbents.feature) as known_features,
        count(distinct wanted.feature) as shared_features
    from {{ ref('incumbent_centroids') }} as incumbents
    left join {{ ref('segmentation_features') }} as wanted
        on
            incumbents.segmentation = wanted.segmentation
            and incumbents.feature = wanted.feature
            and incumbents.center is not null
    group by incumbents.segmentation

),

{% for segmentation in segmentations %}
{{ segmentation }}_sample as (

    select * from {{ ref('training_sample') }}
    where segmentation = '{{ segmentation }}'

),

{{ scoring_steps(
    segmentation, segmentation ~ '_sample', ref('incumbent_centroids'), segmentation ~ '_incumbent', shared_only=true
) }},
{% endfor %}

scored as (

    {% for segmentation in segmentations -%}
    {%- set columns = scores(segmentation, segmentation ~ '_incumbent') -%}
    select
        segmentation,
        customer_id,
        {{ columns.segment_id }} as segment_id,
        {{ columns.is_outlier }} as is_outlier,
        {{ segmentation_features(segmentation) | length }} as wanted_features
    from {{ segmentation }}_incumbent_scored
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

assigned as (

    select
        scored.segmentation,
        scored.customer_id,
        comparable.model_version,
        case when comparable.shared_features > 0 then cast(scored.segment_id as integer) end as segment_id,
        scored.is_outlier,
        coalesce(
            comparable.shared_features = comparable.known_features
            and comparable.shared_features = scored.wanted_features,
            false
        ) as is_comparable
    from scored
    left join comparable on scored.segmentation = comparable.segmentation

)

select * from assigned
