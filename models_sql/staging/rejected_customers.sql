with

customers as (

    select * from {{ ref('stg_customers') }}

),

rejected as (

    select
        source_row_number,
        customer_id,
        rejection_reason,
        source_values
    from customers
    where rejection_reason is not null

)

select * from rejected
