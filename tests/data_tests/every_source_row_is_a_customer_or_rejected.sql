-- depends_on: {{ ref('mall_customers') }}
with

counts as (

    select
        (select count(*) from {{ customer_source() }}) as source_rows,
        (select count(*) from {{ ref('stg_customers') }}) as staged,
        (select count({{ 'source_row_number' if purchases_make_customers() else '*' }}) from {{ ref('stg_customers') }})
            as staged_source_rows,
        (select count(*) from {{ ref('customers') }}) as customers,
        (select count(*) from {{ ref('rejected_customers') }}) as rejected

)

select * from counts
where source_rows != staged_source_rows or staged != customers + rejected
