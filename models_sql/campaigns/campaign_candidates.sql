-- Campaign after campaign, the most important first: who is in, in which arm, and who is left out and why. What an
-- earlier campaign takes depends on its budget and its smallest audience, so the order cannot be had in one join.
{%- set terms = ref('campaign_terms') -%}
{%- set open_campaigns = [] -%}
{%- if execute and load_relation(terms) -%}
    {%- set open_campaigns = run_query(
        'select campaign_position, segmentation, starts_on, ends_on from ' ~ terms
        ~ ' where is_open order by campaign_position'
    ).rows -%}
{%- endif %}

with

terms as (

    select * from {{ terms }}

),

targets as (

    select
        terms.campaign_position,
        segments.campaign,
        segments.segmentation,
        segments.segment_id,
        count(*) over (partition by segments.campaign) as segment_count
    from {{ ref('campaign_segments') }} as segments
    inner join terms on segments.campaign = terms.campaign

),

scores as (

    select * from {{ ref('customer_scores') }}

),

assignments as (

    select
        assignments.campaign,
        assignments.customer_id,
        assignments.segment_id,
        assignments.holdout_share,
        -- A campaign that is no longer listed has the days it was drawn for.
        coalesce(terms.starts_on, assignments.starts_on) as starts_on,
        coalesce(terms.ends_on, assignments.ends_on) as ends_on
    from {{ source('state', 'campaign_assignments') }} as assignments
    left join terms on assignments.campaign = terms.campaign

),

{# What each campaign in turn finds, in pairs of CTEs: `considered_<n>` and, of those, `taken_<n>`. #}
{% for position, segmentation, starts_on, ends_on in open_campaigns %}
{%- set rivals = [] -%}
{%- for other_position, _, other_starts_on, other_ends_on in open_campaigns -%}
    {%- if other_position < position and other_starts_on <= ends_on and starts_on <= other_ends_on -%}
        {%- do rivals.append(other_position) -%}
    {%- endif -%}
{%- endfor %}
busy_{{ position }} as (

    select distinct assignments.customer_id
    from assignments
    inner join terms on terms.campaign_position = {{ position }}
    where
        assignments.campaign != terms.campaign
        and assignments.starts_on <= terms.ends_on
        and assignments.ends_on >= terms.starts_on
    {% for rival in rivals -%}
    union
    select customer_id from taken_{{ rival }}
    {% endfor %}
),

members_{{ position }} as (

    select
        assignments.customer_id,
        assignments.segment_id
    from assignments
    inner join terms on assignments.campaign = terms.campaign
    where terms.campaign_position = {{ position }}

),

former_{{ position }} as (

    select
        segment_id,
        count(*) as customers
    from members_{{ position }}
    group by segment_id

),

considered_{{ position }} as (

    select
        targets.campaign,
        targets.segmentation,
        targets.segment_id,
        targets.segment_count,
        scores.customer_id,
        case
            when not {{ may_contact('scores') }} then 'no consent'
            when busy.customer_id is not null then 'in another campaign'
        end as reason,
        {{ hash_fraction("'audience ' || targets.campaign || ' ' || scores.customer_id") }} as draw
    from scores
    inner join targets
        on
            targets.campaign_position = {{ position }}
            and scores.{{ segmentation }}_segment_id = targets.segment_id
    left join members_{{ position }} as members on scores.customer_id = members.customer_id
    left join busy_{{ position }} as busy on scores.customer_id = busy.customer_id
    where members.customer_id is null

),

affordable_{{ position }} as (

    select
        considered.*,
        terms.holdout_share,
        -- Rounding may give each segment half a contact more than its share.
        floor(
            (terms.budget / nullif(terms.cost_per_contact, 0) - 5e-1 * considered.segment_count)
            / (1 - terms.holdout_share)
        ) - (select count(*) from members_{{ position }}) as room,
        case
            when considered.reason is null
                then
                    row_number() over (
                        partition by case when considered.reason is null then 1 else 0 end
                        order by considered.draw, considered.customer_id
                    )
        end as place
    from considered_{{ position }} as considered
    inner join terms on terms.campaign_position = {{ position }}

),

counted_{{ position }} as (

    select
        affordable.*,
        coalesce(affordable.place > affordable.room, false) as is_over_budget,
        coalesce(former.customers, 0) as former_customers,
        sum(
            case
                when affordable.reason is null and not coalesce(affordable.place > affordable.room, false) then 1
                else 0
            end
        ) over (partition by affordable.segment_id) as new_customers
    from affordable_{{ position }} as affordable
    left join former_{{ position }} as former
        on affordable.segment_id = former.segment_id

),

reasoned_{{ position }} as (

    select
        campaign,
        segmentation,
        segment_id,
        customer_id,
        holdout_share,
        former_customers,
        new_customers,
        case
            when reason is not null then reason
            when is_over_budget then 'over budget'
            when former_customers + new_customers < {{ var('smallest_audience') }} then 'audience too small'
        end as reason
    from counted_{{ position }}

),

taken_{{ position }} as (

    select customer_id from reasoned_{{ position }}
    where reason is null

),
{% endfor %}

reasoned as (

    {% for row in open_campaigns -%}
    select * from reasoned_{{ row[0] }}
    union all
    {% endfor -%}
    select
        targets.campaign,
        targets.segmentation,
        targets.segment_id,
        scores.customer_id,
        cast(null as {{ type_double() }}) as holdout_share,
        0 as former_customers,
        0 as new_customers,
        cast(null as {{ dbt.type_string() }}) as reason
    from targets
    cross join scores
    where false

),

-- A campaign goes on with the hold-out share it began with, whatever its terms say today.
begun as (

    select
        campaign,
        max(holdout_share) as holdout_share
    from assignments
    group by campaign

),

hashed as (

    select
        reasoned.campaign,
        reasoned.segmentation,
        reasoned.segment_id,
        reasoned.customer_id,
        reasoned.reason,
        reasoned.former_customers,
        reasoned.new_customers,
        coalesce(begun.holdout_share, reasoned.holdout_share) as holdout_share,
        {{ arm_fraction('reasoned.campaign', 'reasoned.customer_id') }} as hash_fraction
    from reasoned
    left join begun on reasoned.campaign = begun.campaign

),

ranked as (

    select
        *,
        row_number() over (
            partition by campaign, segment_id, case when reason is null then 1 else 0 end
            order by hash_fraction, customer_id
        ) as hash_rank
    from hashed

),

candidates as (

    select
        ---------- ids
        campaign,
        customer_id,
        segmentation,
        cast(segment_id as integer) as segment_id,

        ---------- in which arm, or why not
        case
            when reason is not null then cast(null as {{ dbt.type_string() }})
            -- The first of a segment are parted exactly, half a customer going to the hold-out; later ones by the hash.
            when former_customers = 0 and hash_rank <= floor(holdout_share * new_customers + 5e-1 + 1e-9)
                then 'hold-out'
            when former_customers > 0 and hash_fraction < holdout_share then 'hold-out'
            else 'treatment'
        end as arm,
        reason,

        ---------- how it was drawn
        hash_fraction,
        holdout_share,
        case when reason is null and former_customers = 0 then cast(new_customers as bigint) end as drawn_among
    from ranked

)

select * from candidates
