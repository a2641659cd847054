{{ config(materialized='view') }}
{%- set features = numeric_features() -%}
with

scores as (

    select * from {{ ref('customer_scores') }}

),

centers as (

    select
        segmentation,
        segment_id,
        {% for feature in features -%}
        max(case when feature = '{{ feature }}' then center end) as {{ feature }}_center{{ ',' if not loop.last }}
        {% endfor %}
    from {{ ref('segment_centroids') }}
    group by segmentation, segment_id

),

segments as (

    select
        centers.*,
        segments.segment_name
    from {{ ref('segments') }} as segments
    inner join centers
        on segments.segmentation = centers.segmentation and segments.segment_id = centers.segment_id

),

by_segmentation as (

    {% for segmentation, given in var('segmentations').items() -%}
    select
        '{{ segmentation }}' as segmentation,
        scores.customer_id,
        scores.{{ segmentation }}_segment_id as segment_id,
        segments.segment_name,
        scores.{{ segmentation }}_distance as distance,
        scores.{{ segmentation }}_runner_up_segment_id as runner_up_segment_id,
        runners_up.segment_name as runner_up_segment_name,
        scores.{{ segmentation }}_runner_up_distance as runner_up_distance,
        1 - scores.{{ segmentation }}_distance / nullif(scores.{{ segmentation }}_runner_up_distance, 0) as margin,
        scores.{{ segmentation }}_is_outlier as is_outlier,
        concat_ws(
            ', ',
            {% for feature in given.features -%}
            {{ measured_text(feature, 'scores.' ~ feature) }}
            || case when {{ is_imputed(feature, 'scores.imputed_features') }} then ' (not given, the median)' else '' end
            || ' against '
            || {{ measured_text(feature, 'segments.' ~ feature ~ '_center', named=false) }}
            {{- ',' if not loop.last }}
            {% endfor %}
        ) as comparison
    from scores
    left join segments
        on
            segments.segmentation = '{{ segmentation }}'
            and scores.{{ segmentation }}_segment_id = segments.segment_id
    left join segments as runners_up
        on
            runners_up.segmentation = '{{ segmentation }}'
            and scores.{{ segmentation }}_runner_up_segment_id = runners_up.segment_id
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

assigned as (

    select
        ---------- ids
        segmentation,
        customer_id,

        ---------- where the customer is
        cast(segment_id as integer) as segment_id,
        segment_name,
        distance,

        ---------- where else it could be
        cast(runner_up_segment_id as integer) as runner_up_segment_id,
        runner_up_segment_name,
        runner_up_distance,

        ---------- how sure
        margin,
        margin < {{ var('boundary_margin') }} as is_boundary,
        is_outlier,

        ---------- why
        upper(substr(comparison, 1, 1)) || substr(comparison, 2)
        || ' at the center of ' || segment_name
        || ', ' || {{ plain_text('distance', 2) }} || ' standard deviations away'
        || case when is_outlier then ', which is unusually far' else '' end
        || coalesce(
            case when margin < {{ var('boundary_margin') }} then '; close to the border with ' else '; next is ' end
            || runner_up_segment_name || ', ' || {{ plain_text('runner_up_distance', 2) }} || ' away', ''
        )
        || '.' as reason
    from by_segmentation

)

select * from assigned
