with

spine as (

    {{ dbt.date_spine('day', "cast('2020-01-01' as date)", "cast('2041-01-01' as date)") }}

),

days as (

    select cast(date_day as date) as date_day from spine

)

select * from days
