{%- set features = numeric_features() -%}
{%- set weights = {} -%}
{%- for feature, weight in (var('value_features') or {}).items() if feature in features -%}
    {%- if weight is number and weight != 0 -%}
        {%- do weights.update({feature: weight}) -%}
    {%- endif -%}
{%- endfor -%}
{%- set total_weight = weights.values() | map('abs') | sum -%}
with

-- One row, so that each customer is valued without a join that multiplies rows.
statistics as (

    select
        {% for feature in weights -%}
        max(case when feature = '{{ feature }}' then mean end) as {{ feature }}_mean,
        max(case when feature = '{{ feature }}' then stddev end) as {{ feature }}_stddev,
        max(case when feature = '{{ feature }}' then low_fence end) as {{ feature }}_low_fence,
        max(case when feature = '{{ feature }}' then high_fence end) as {{ feature }}_high_fence,
        {% endfor -%}
        count(*) as features
    from {{ ref('feature_statistics') }}

),

-- A feature that does not vary, or that is not known of a customer, makes nobody more valuable, and no single wild
-- value makes a segment the most valuable.
customers as (

    {% for segmentation in var('segmentations') -%}
    select
        '{{ segmentation }}' as segmentation,
        scores.{{ segmentation }}_segment_id as segment_id,
        {% if weights -%}
        (
            {% for feature, weight in weights.items() -%}
            {%- set held_value = held('scores.' ~ feature, feature ~ '_low_fence', feature ~ '_high_fence') %}
            {{ weight }} * coalesce(
                (({{ held_value }}) - statistics.{{ feature }}_mean) / nullif(statistics.{{ feature }}_stddev, 0), 0
            ){{ ' +' if not loop.last }}
            {% endfor -%}
        ) / {{ total_weight }} as value
        {%- else -%}
        cast(null as {{ type_double() }}) as value
        {%- endif %}
    from {{ ref('customer_scores') }} as scores
    cross join statistics
    where scores.{{ segmentation }}_segment_id is not null
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

measured as (

    select
        segmentation,
        segment_id,
        count(*) as customers,
        avg(value) as value_index,
        stddev_samp(value) as stddev
    from customers
    group by segmentation, segment_id

),

-- One customer says nothing about how much its like differ; the most varied segment beside it has to.
bounded as (

    select
        segmentation,
        segment_id,
        customers,
        {{ significant('value_index') }} as value_index,
        1.96 * coalesce(stddev, max(stddev) over (partition by segmentation), 0) / sqrt(customers) as half_width
    from measured

),

ranked as (

    select
        *,
        value_index - half_width as value_low,
        value_index + half_width as value_high,
        row_number() over (
            partition by segmentation
            order by value_index desc nulls last, customers desc, segment_id
        ) as value_rank
    from bounded

),

-- A segment is clearly worth more than another only if its whole interval lies above the other's.
better as (

    select
        ranked.segmentation,
        ranked.segment_id,
        count(others.segment_id) as segments
    from ranked
    left join ranked as others
        on ranked.segmentation = others.segmentation and ranked.value_high < others.value_low
    group by ranked.segmentation, ranked.segment_id

),

values_of_segments as (

    select
        ---------- ids
        ranked.segmentation,
        cast(ranked.segment_id as integer) as segment_id,
        {{ segment_key('ranked.segmentation', 'ranked.segment_id') }} as segment_key,

        ---------- how valuable
        ranked.customers,
        ranked.value_index,
        {{ significant('ranked.value_low') }} as value_low,
        {{ significant('ranked.value_high') }} as value_high,
        cast(ranked.value_rank as integer) as value_rank,
        cast(1 + better.segments as integer) as value_group
    from ranked
    inner join better
        on ranked.segmentation = better.segmentation and ranked.segment_id = better.segment_id

)

select * from values_of_segments
