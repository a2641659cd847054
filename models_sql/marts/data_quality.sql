with

staged as (

    select
        rejection_reason,
        count(*) as source_rows
    from {{ ref('stg_customers') }}
    group by rejection_reason

),

reasons as (

    {% for reason in rejection_reasons() -%}
    select
        '{{ reason }}' as reason,
        {{ loop.index }} as reason_order
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

statistics as (

    select * from {{ ref('feature_statistics') }}

),

measured as (

    select
        'source rows' as kind,
        'all' as item,
        0 as item_order,
        sum(source_rows) as row_count
    from staged

    union all

    select
        'customers' as kind,
        'all' as item,
        1 as item_order,
        sum(source_rows) as row_count
    from staged
    where rejection_reason is null

    union all

    select
        'rejected' as kind,
        reasons.reason as item,
        100 + reasons.reason_order as item_order,
        staged.source_rows as row_count
    from reasons
    left join staged on reasons.reason = staged.rejection_reason

    union all

    select
        'imputed' as kind,
        feature as item,
        200 + feature_order as item_order,
        missing_count as row_count
    from statistics

),

bases as (

    select
        measured.*,
        case when measured.kind = 'imputed' then customers.row_count else source.row_count end as base_rows
    from measured
    inner join measured as customers on customers.kind = 'customers'
    inner join measured as source on source.kind = 'source rows'

),

shared as (

    select
        ---------- what is counted
        kind,
        item,
        cast(item_order as integer) as item_order,

        ---------- how many
        cast(coalesce(row_count, 0) as bigint) as row_count,
        coalesce({{ significant('row_count * 1.0 / nullif(base_rows, 0)') }}, 0.0) as share
    from bases

)

select * from shared
