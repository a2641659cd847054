-- depends_on: {{ ref('mall_customers') }}
with

counts as (

    select
        (select count(*) from {{ customer_source() }}) as source_rows,
        (select count(*) from {{ ref('customers') }}) as customers,
        (select count(*) from {{ ref('rejected_customers') }}) as rejected

)

select * from counts
where source_rows != customers + rejected
