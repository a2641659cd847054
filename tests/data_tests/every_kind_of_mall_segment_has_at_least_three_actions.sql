-- Covers the bands that no segment is in today.
with

conditions as (

    select * from {{ ref('action_conditions') }}

),

planned as (

    select
        names.segment_name,
        count(income.action_id) as actions
    from {{ ref('segment_names') }} as names
    left join conditions as spending
        on spending.feature = 'spending_score' and names.spending_band = spending.band
    left join conditions as income
        on
            income.feature = 'annual_income_k'
            and names.income_band = income.band
            and spending.action_id = income.action_id
    group by names.segment_name

)

select * from planned
where actions < 3
