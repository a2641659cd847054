{%- set first = var('segmentations') | first -%}
{%- set value_features = {} -%}
{%- for feature, weight in (var('value_features') or {}).items() if feature in numeric_features() -%}
    {%- do value_features.update({feature: weight}) -%}
{%- endfor -%}
{%- set named_customers = 60 -%}
with

figures as (

    select
        *,
        cast(
            0
            {% for feature, weight in value_features.items() -%}
            + case when feature = '{{ feature }}' then {{ weight }} / stddev else 0 end
            {% endfor -%}
            as {{ type_double() }}
        ) as value_weight
    from {{ ref('feature_figures') }}
    where stddev > 0

),

value_weights as (

    select
        {% for feature in value_features -%}
        coalesce(max(case when feature = '{{ feature }}' then value_weight end), 0) as {{ feature }}_weight,
        {% endfor -%}
        count(*) as features
    from figures

),

members as (

    select
        segments.segmentation,
        segments.segment_id,
        scores.customer_id,
        0
        {% for feature in value_features -%}
        + weights.{{ feature }}_weight * scores.{{ feature }}
        {% endfor -%}
        as customer_value,
        1 - scores.{{ first }}_distance / nullif(scores.{{ first }}_runner_up_distance, 0) as margin
    from {{ ref('customer_scores') }} as scores
    inner join {{ ref('segments') }} as segments
        on scores.{{ first }}_segment_id = segments.segment_id
    cross join value_weights as weights
    where segments.segmentation = '{{ first }}' and segments.value_rank = 1
    order by customer_value desc nulls last, margin desc nulls last, scores.customer_id
    limit {{ named_customers }}

),

placed as (

    select
        *,
        row_number() over (
            order by customer_value desc nulls last, margin desc nulls last, customer_id
        ) as place
    from members

),

-- A customer is listed even where no feature says how valuable it is.
top_customers as (

    select
        ---------- ids
        placed.segmentation,
        placed.segment_id,
        cast(placed.place as integer) as place,
        placed.customer_id,
        figures.feature,

        ---------- how to speak of the feature
        figures.label,
        figures.unit,
        figures.feature_order,

        ---------- its value
        {{ feature_value('figures.feature', 'scores') }} as value
    from placed
    inner join {{ ref('customer_scores') }} as scores on placed.customer_id = scores.customer_id
    left join figures on figures.value_weight != 0

)

select * from top_customers
