{{ config(enabled=has_purchases()) }}
with

purchases as (

    select * from {{ ref('stg_purchases') }}

),

rejected as (

    select
        source_row_number,
        customer_id,
        rejection_reason,
        source_values
    from purchases
    where rejection_reason is not null

)

select * from rejected
