{%- set points = 1500 -%}
with

-- The evaluated rows of the sample each stand for equally many customers, so they may be drawn as equal dots. A hash
-- shuffles them, so that any number of the first is a fair sample of its own.
shuffled as (

    select
        segmentation,
        customer_id,
        row_number() over (
            partition by segmentation
            order by {{ dbt.hash('customer_id') }}, customer_id
        ) as point
    from {{ ref('training_sample') }}
    where is_evaluated

),

drawn as (

    select
        shuffled.segmentation,
        shuffled.point,
        shuffled.customer_id,
        case shuffled.segmentation
            {% for segmentation in var('segmentations') -%}
            when '{{ segmentation }}' then scores.{{ segmentation }}_segment_id
            {% endfor -%}
        end as segment_id,
        figures.feature,
        figures.feature_order,
        {{ feature_value('figures.feature', 'scores') }} as value
    from shuffled
    inner join {{ ref('customer_scores') }} as scores on shuffled.customer_id = scores.customer_id
    cross join {{ ref('feature_figures') }} as figures
    where shuffled.point <= {{ points }}

),

points as (

    select
        ---------- ids
        drawn.segmentation,
        cast(drawn.point as integer) as point,
        drawn.customer_id,
        drawn.segment_id,
        drawn.feature,

        ---------- how to speak of the segment
        segments.segment_name,
        segments.value_rank,

        ---------- where it lies
        drawn.feature_order,
        drawn.value
    from drawn
    inner join {{ ref('segments') }} as segments
        on drawn.segmentation = segments.segmentation and drawn.segment_id = segments.segment_id
    where drawn.value is not null

)

select * from points
