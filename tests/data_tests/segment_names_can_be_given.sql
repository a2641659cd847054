-- What is wrong with the names in `segment_names`, a sentence a row: every pair of bands has one name, of its own.
with

names as (

    select * from {{ ref('segment_names') }}

),

bands as (

    select 'low' as band
    union all
    select 'average' as band
    union all
    select 'high' as band

),

faults as (

    select
        income.band as income_band,
        spending.band as spending_band,
        'these bands have ' || cast(count(named.segment_name) as {{ dbt.type_string() }}) || ' names' as fault
    from bands as income
    cross join bands as spending
    left join names as named
        on income.band = named.income_band and spending.band = named.spending_band
    where exists (select 1 from names)
    group by income.band, spending.band
    having count(named.segment_name) != 1

    union all

    select
        income_band,
        spending_band,
        'the nickname, the description or whether the segment may grow is missing' as fault
    from names
    where nickname is null or description is null or may_grow is null

    union all

    select
        min(income_band) as income_band,
        min(spending_band) as spending_band,
        'two segments have the name ' || segment_name as fault
    from names
    group by segment_name
    having count(*) > 1

    union all

    select
        min(income_band) as income_band,
        min(spending_band) as spending_band,
        'two segments have the nickname ' || nickname as fault
    from names
    group by nickname
    having count(*) > 1

)

select * from faults
