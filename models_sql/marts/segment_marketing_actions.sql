{%- set ruled = segmentations_by('rules') -%}
with

segments as (

    select * from {{ ref('segments') }}

),

{% if ruled -%}
-- Where scores make the groups, they say who was here lately and often, and not a mean that few who are away may move.
group_scores as (

    select
        rules.segmentation,
        rules.segment_id,
        (min(rules.recency_from) + max(rules.recency_to)) / 2e0 as recency_score,
        (min(rules.frequency_money_from) + max(rules.frequency_money_to)) / 2e0 as frequency_score
    from {{ ref('trained_rules') }} as rules
    inner join {{ ref('segmentation_models') }} as champions
        on rules.segmentation = champions.segmentation and rules.model_version = champions.model_version
    where champions.is_champion
    group by rules.segmentation, rules.segment_id

),

{% endif -%}
bands as (

    select
        segmentation,
        segment_id,
        feature,
        band
    from {{ ref('current_segment_bands') }}
    where
        is_of_segmentation
        {%- if ruled %}
        and (segmentation not in ('{{ ruled | join("', '") }}') or feature not in ('recency_days', 'purchases'))

    union all

    select
        segmentation,
        segment_id,
        'recency_days' as feature,
        case when recency_score >= 4 then 'low' when recency_score <= 2 then 'high' else 'average' end as band
    from group_scores

    union all

    select
        segmentation,
        segment_id,
        'purchases' as feature,
        case when frequency_score >= 4 then 'high' when frequency_score <= 2 then 'low' else 'average' end as band
    from group_scores
        {%- endif %}

),

conditions as (

    select * from {{ ref('action_conditions') }}

),

-- An action written for features of the segmentation is more to the point than one of its trade, that more than one for
-- its value in any trade, and that more than one for anybody.
actions as (

    select
        actions.action_id,
        actions.priority,
        actions.objective,
        actions.action,
        actions.channel,
        actions.offer,
        actions.kpi,
        actions.needs_holdout,
        actions.cadence,
        count(conditions.feature) as conditions,
        case
            when count(case when conditions.feature != 'value' then 1 end) > 0 then 1
            when actions.trade is not null then 2
            when count(conditions.feature) > 0 then 3
            else 4
        end as tier
    from {{ ref('marketing_actions') }} as actions
    left join conditions on actions.action_id = conditions.action_id
    where {{ 'coalesce(actions.trade, ' ~ sql_text(trade()) ~ ') = ' ~ sql_text(trade()) }}
    group by
        actions.action_id, actions.priority, actions.objective, actions.action, actions.channel, actions.offer,
        actions.kpi, actions.needs_holdout, actions.cadence, actions.trade

),

conditions_met as (

    select
        bands.segmentation,
        bands.segment_id,
        conditions.action_id,
        count(*) as conditions
    from bands
    inner join conditions on bands.feature = conditions.feature and bands.band = conditions.band
    group by bands.segmentation, bands.segment_id, conditions.action_id

),

-- An action fits where all its conditions hold.
fitting as (

    select
        segments.segmentation,
        segments.segment_id,
        segments.segment_key,
        segments.segment_name,
        segments.customers,
        actions.*
    from segments
    cross join actions
    left join conditions_met as met
        on
            segments.segmentation = met.segmentation
            and segments.segment_id = met.segment_id
            and actions.action_id = met.action_id
    where
        actions.conditions = coalesce(met.conditions, 0)
        and (segments.may_grow or actions.objective != 'grow')

),

counted as (

    select
        *,
        count(*) over (
            partition by segmentation, segment_id
            order by tier
            range between unbounded preceding and current row
        ) - count(*) over (partition by segmentation, segment_id, tier) as better_actions,
        row_number() over (
            partition by segmentation, segment_id
            order by tier, priority, conditions desc, action_id
        ) as place
    from fitting

),

-- The more general ones fill up where fewer than three better ones are written.
planned as (

    select
        ---------- ids
        segmentation,
        segment_id,
        segment_key,
        action_id,
        segment_name,
        cast(place as integer) as priority,

        ---------- what to do
        objective,
        action,
        channel,
        offer,
        kpi,
        needs_holdout,
        cadence,

        ---------- whom it reaches
        customers
    from counted
    where better_actions < 3

)

select * from planned
