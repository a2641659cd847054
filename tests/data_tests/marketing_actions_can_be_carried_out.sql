-- What is wrong with the plan in `marketing_actions` and `action_conditions`, a sentence a row.
with

actions as (

    select * from {{ ref('marketing_actions') }}

),

conditions as (

    select * from {{ ref('action_conditions') }}

),

faults as (

    select
        action_id,
        'an action lacks its id, priority, words or whether it needs a hold-out' as fault
    from actions
    where action_id is null or priority is null or action is null or needs_holdout is null

    union all

    select
        action_id,
        'the objective is none of retain, grow, win back, reduce cost to serve, learn' as fault
    from actions
    where objective not in ('retain', 'grow', 'win back', 'reduce cost to serve', 'learn') or objective is null

    union all

    select
        action_id,
        'a figure against a hold-out is promised without one, or one is held out for no figure' as fault
    from actions
    where needs_holdout != (lower(kpi) like '%hold-out%')

    union all

    select
        action_id,
        'the trade is neither empty nor that of the var trade, nor one of those shipped, so nobody would see the action'
            as fault
    from actions
    where trade not in ('mall', 'bank', 'telecom', 'clinic', {{ sql_text(trade()) }})

    union all

    select
        cast(null as {{ dbt.type_string() }}) as action_id,
        {{ sql_text('the var trade is ' ~ trade() ~ ', and no action is of that trade') }} as fault
    from (
        select
            count(*) as planned,
            count(case when trade = {{ sql_text(trade()) }} then 1 end) as own
        from actions
    ) as counted
    where planned > 0 and own = 0 and {{ sql_text(trade()) }} != ''

    union all

    select
        action_id,
        'two actions have the same id' as fault
    from actions
    group by action_id
    having count(*) > 1

    union all

    select
        min(action_id) as action_id,
        'two actions have the same words' as fault
    from actions
    group by action
    having count(*) > 1

    union all

    select
        conditions.action_id,
        'a condition is of no action, or of no feature' as fault
    from conditions
    left join actions on conditions.action_id = actions.action_id
    where actions.action_id is null or conditions.feature is null

    union all

    select
        action_id,
        'the band of a condition is none of low, average, high' as fault
    from conditions
    where band not in ('low', 'average', 'high') or band is null

    union all

    select
        action_id,
        'two conditions of an action are about the same feature' as fault
    from conditions
    group by action_id, feature
    having count(*) > 1

)

select * from faults
