with

bands as (

    select 'low' as band
    union all
    select 'average' as band
    union all
    select 'high' as band

)

select
    income.band as income_band,
    spending.band as spending_band,
    count(names.segment_name) as names
from bands as income
cross join bands as spending
left join {{ ref('segment_names') }} as names
    on income.band = names.income_band and spending.band = names.spending_band
where exists (select 1 from {{ ref('segment_names') }})
group by income.band, spending.band
having count(names.segment_name) != 1
