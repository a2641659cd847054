{#- The recency of a segmentation by rule may be a date of the customers: what is written for `recency_days` fits. -#}
{%- set recencies = {} -%}
{%- for segmentation in segmentations_by('rules') if recency_feature(segmentation) != 'recency_days' -%}
    {%- do recencies.update({segmentation: recency_feature(segmentation)}) -%}
{%- endfor -%}
with

segments as (

    select * from {{ ref('segments') }}

),

bands as (

    select
        segmentation,
        segment_id,
        {% if recencies -%}
        case
            {% for segmentation, feature in recencies.items() -%}
            when segmentation = '{{ segmentation }}' and feature = '{{ feature }}' then 'recency_days'
            {% endfor -%}
            else feature
        end as feature,
        {%- else -%}
        feature,
        {%- endif %}
        band
    from {{ ref('current_segment_bands') }}
    where is_of_segmentation

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
