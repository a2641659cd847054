-- All that the statistics read: the arms there are or would be, the retention to expect without a campaign, and what
-- was measured in each arm. Segments are those in which the customers were drawn.
with

terms as (

    select * from {{ ref('campaign_terms') }}
    where problem is null

),

-- A campaign that is not approved yet is planned with the arms it would get.
members as (

    select
        campaign,
        segmentation,
        segment_id,
        arm
    from {{ ref('campaign_assignments') }}

    union all

    select
        candidates.campaign,
        candidates.segmentation,
        candidates.segment_id,
        candidates.arm
    from {{ ref('campaign_candidates') }} as candidates
    inner join terms on candidates.campaign = terms.campaign
    where candidates.arm is not null and not terms.is_approved

),

-- A row per segment and one for all segments of the campaign, without a segment.
arms as (

    select
        campaign,
        segmentation,
        segment_id,
        sum(case when arm = 'treatment' then 1 else 0 end) as treatment,
        sum(case when arm = 'hold-out' then 1 else 0 end) as holdout
    from members
    group by campaign, segmentation, rollup(segment_id)

),

-- Those that are reported, and where there are purchases those read off them.
outcomes as (

    select
        campaign,
        customer_id,
        retained,
        revenue_before,
        revenue_during
    from {{ ref('campaign_observations') }}
    {% if has_purchases() -%}
    union all
    select
        campaign,
        customer_id,
        retained,
        revenue_before,
        revenue_during
    from {{ ref('campaign_outcomes_from_purchases') }}
    {%- endif %}

),

-- Outcomes of customers who were drawn into an arm, with the segment they were drawn in.
observed as (

    select
        assignments.campaign,
        assignments.segmentation,
        assignments.segment_id,
        assignments.arm,
        outcomes.retained,
        outcomes.revenue_before,
        outcomes.revenue_during
    from {{ ref('campaign_assignments') }} as assignments
    inner join outcomes
        on
            assignments.campaign = outcomes.campaign
            and assignments.customer_id = outcomes.customer_id

),

measured as (

    select
        campaign,
        segmentation,
        segment_id,
        {{ arm_moments('treatment', 'treatment') }},
        {{ arm_moments('hold-out', 'holdout') }}
    from observed
    group by campaign, segmentation, rollup(segment_id)

),

held_out as (

    select
        observed.segmentation,
        observed.segment_id,
        terms.ends_on,
        count(*) as customers,
        sum(observed.retained) as retained,
        max(case when terms.is_simulated then 1 else 0 end) as is_simulated
    from observed
    inner join terms on observed.campaign = terms.campaign
    where observed.arm = 'hold-out'
    group by observed.segmentation, observed.segment_id, terms.ends_on

),

-- What hold-outs of campaigns that ended before this one began did; of all the segments in it for the campaign's row.
past as (

    select
        arms.campaign,
        arms.segment_id,
        sum(held_out.customers) as customers,
        sum(held_out.retained) as retained,
        max(held_out.is_simulated) as is_simulated
    from arms
    inner join terms on arms.campaign = terms.campaign
    inner join arms as parts
        on
            arms.campaign = parts.campaign
            and parts.segment_id is not null
            and coalesce(arms.segment_id, parts.segment_id) = parts.segment_id
    inner join held_out
        on
            parts.segmentation = held_out.segmentation
            and parts.segment_id = held_out.segment_id
            and terms.starts_on > held_out.ends_on
    group by arms.campaign, arms.segment_id

),

of_campaigns as (

    select
        'campaign' as kind,
        arms.campaign as unit,
        arms.segmentation,
        arms.segment_id,
        arms.treatment,
        arms.holdout,
        terms.holdout_share,
        coalesce(past.customers, 0) as past_customers,
        past.retained as past_retained,
        past.is_simulated as past_is_simulated
    from arms
    inner join terms on arms.campaign = terms.campaign
    left join past
        on
            arms.campaign = past.campaign
            and coalesce(arms.segment_id, -1) = coalesce(past.segment_id, -1)

),

scores as (

    select * from {{ ref('customer_scores') }}

),

contactable as (

    {% for segmentation in var('segmentations') -%}
    select
        '{{ segmentation }}' as segmentation,
        {{ segmentation }}_segment_id as segment_id,
        count(*) as customers
    from scores
    where {{ segmentation }}_segment_id is not null and {{ may_contact('scores') }}
    group by {{ segmentation }}_segment_id
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

-- What a campaign to a whole segment could show at best, with half of it held out.
of_segments as (

    select
        'segment' as kind,
        segments.segmentation as unit,
        segments.segmentation,
        segments.segment_id,
        coalesce(contactable.customers, 0) - floor(coalesce(contactable.customers, 0) * 5e-1) as treatment,
        floor(coalesce(contactable.customers, 0) * 5e-1) as holdout,
        5e-1 as holdout_share,
        coalesce(sum(held_out.customers), 0) as past_customers,
        sum(held_out.retained) as past_retained,
        max(held_out.is_simulated) as past_is_simulated
    from {{ ref('segments') }} as segments
    left join contactable
        on
            segments.segmentation = contactable.segmentation
            and segments.segment_id = contactable.segment_id
    left join held_out
        on
            segments.segmentation = held_out.segmentation
            and segments.segment_id = held_out.segment_id
    group by segments.segmentation, segments.segment_id, contactable.customers

),

planned as (

    select * from of_campaigns
    union all
    select * from of_segments

),

counts as (

    select
        ---------- ids
        planned.kind,
        planned.unit,
        planned.segmentation,
        cast(planned.segment_id as integer) as segment_id,
        coalesce(
            segments.segment_name,
            case when planned.segment_id is null then 'all segments of the campaign' end,
            'segment ' || cast(planned.segment_id as {{ dbt.type_string() }})
        ) as segment_name,

        ---------- what is planned
        cast(planned.treatment as bigint) as treatment,
        cast(planned.holdout as bigint) as holdout,
        cast(planned.holdout_share as {{ type_double() }}) as holdout_share,
        cast(
            case
                when planned.past_customers >= {{ var('smallest_audience') }}
                    then cast(planned.past_retained as {{ type_double() }}) / planned.past_customers
                else {{ var('campaigns').assumed_retention }}
            end as {{ type_double() }}
        ) as baseline,
        planned.past_customers >= {{ var('smallest_audience') }} as is_baseline_measured,
        planned.past_customers >= {{ var('smallest_audience') }}
        and planned.past_is_simulated = 1 as is_baseline_simulated,

        ---------- what was measured
        {% for arm in ('treatment', 'holdout') -%}
        cast(coalesce(measured.measured_{{ arm }}, 0) as bigint) as measured_{{ arm }},
        cast(coalesce(measured.retained_{{ arm }}, 0) as bigint) as retained_{{ arm }},
        {%- set last_arm = loop.last %}
        {% for moment in ('mean', 'variance', 'mean_before', 'variance_before', 'covariance') -%}
        {%- set column = moment ~ '_' ~ arm -%}
        cast({{ significant('measured.' ~ column) }} as {{ type_double() }})
            as {{ column }}{{ ',' if not (last_arm and loop.last) }}
        {% endfor -%}
        {% endfor %}
    from planned
    left join {{ ref('segments') }} as segments
        on planned.segmentation = segments.segmentation and planned.segment_id = segments.segment_id
    left join measured
        on
            planned.kind = 'campaign'
            and planned.unit = measured.campaign
            and coalesce(planned.segment_id, -1) = coalesce(measured.segment_id, -1)

)

select * from counts
