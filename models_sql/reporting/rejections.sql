with

rejections as (

    select
        item as rejection_reason,
        item_order as reason_order,
        row_count as source_rows
    from {{ ref('data_quality') }}
    where kind = 'rejected' and row_count > 0

)

select * from rejections
