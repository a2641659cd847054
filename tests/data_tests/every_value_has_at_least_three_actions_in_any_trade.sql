-- Covers the trades that nobody has tried: by its value alone, known or not, a segment has three actions.
with

generic_actions as (

    select
        actions.action_id,
        count(conditions.feature) as conditions,
        max(case when conditions.feature = 'value' then conditions.band end) as value_band
    from {{ ref('marketing_actions') }} as actions
    left join {{ ref('action_conditions') }} as conditions on actions.action_id = conditions.action_id
    where actions.trade is null
    group by actions.action_id

),

bands as (

    select 'low' as value_band
    union all
    select 'average' as value_band
    union all
    select 'high' as value_band
    union all
    select 'not known' as value_band

),

planned as (

    select
        bands.value_band,
        count(fitting.action_id) as actions
    from bands
    left join generic_actions as fitting
        on fitting.conditions = 0 or (fitting.conditions = 1 and bands.value_band = fitting.value_band)
    where exists (select 1 from generic_actions)
    group by bands.value_band

)

select * from planned
where actions < 3
