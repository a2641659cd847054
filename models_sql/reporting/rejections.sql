with

rejections as (

    select
        item as rejection_reason,
        item_order as reason_order,
        kind = 'rejected purchases' as is_purchase,
        row_count as source_rows
    from {{ ref('data_quality') }}
    where kind in ('rejected', 'rejected purchases') and row_count > 0

)

select * from rejections
