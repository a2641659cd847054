{{ config(materialized='view') }}
-- The wide scores made long, in one place, for what looks at every feature of every segmentation alike. A view, so
-- that an aggregate over it streams and nobody pays for columns it does not read.
with

{% for segmentation in var('segmentations') -%}
{{ segmentation }}_values as (

    select
        '{{ segmentation }}' as segmentation,
        cast({{ loop.index }} as integer) as segmentation_position,
        cast(scores.{{ segmentation }}_segment_id as integer) as segment_id,
        statistics.feature,
        statistics.feature_order,
        {{ feature_value('statistics.feature', 'scores') }} as value,
        statistics.minimum as lowest,
        statistics.maximum as highest
    from {{ ref('customer_scores') }} as scores
    cross join {{ ref('feature_statistics') }} as statistics
    where scores.{{ segmentation }}_segment_id is not null

),

{% endfor -%}
scored_values as (

    {% for segmentation in var('segmentations') -%}
    select * from {{ segmentation }}_values
    {{ 'union all' if not loop.last }}
    {% endfor %}

)

select * from scored_values
