{%- set columns = customer_columns() -%}
{%- set measured = [] -%}
{%- for name, column in columns.items() if column.type != 'category' -%}
    {%- do measured.append(name) -%}
{%- endfor %}

with

customers as (

    select * from {{ ref('stg_customers') }}

),

reasons as (

    {% for reason, meaning in rejection_reasons().items() -%}
    select
        {{ sql_text(reason) }} as reason,
        {{ sql_text(meaning) }} as meaning,
        {{ loop.index }} as reason_order
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

{% if has_purchases() -%}
purchase_reasons as (

    {% for reason, meaning in purchase_rejection_reasons().items() -%}
    select
        {{ sql_text(reason) }} as reason,
        {{ sql_text(meaning) }} as meaning,
        {{ loop.index }} as reason_order
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

by_purchase_reason as (

    select
        rejection_reason,
        count(*) as purchase_rows,
        sum(case when is_repeat then 1 else 0 end) as repeats,
        min(purchase_date) as first_date,
        max(purchase_date) as last_date
    from {{ ref('stg_purchases') }}
    group by rejection_reason

),

-- The newest day is the day of the features unless the var `as_of` names one, so it had better be right.
purchase_days as (

    select
        purchase_date,
        lag(purchase_date) over (order by purchase_date) as day_before,
        row_number() over (order by purchase_date desc) as recency
    from {{ ref('stg_purchases') }}
    where rejection_reason is null
    group by purchase_date

),

purchase_gaps as (

    select
        *,
        {{ dbt.datediff('day_before', 'purchase_date', 'day') }}
            as gap
    from purchase_days

),

newest_purchase as (

    select
        max(case when recency = 1 then purchase_date end) as newest_day,
        max(case when recency = 1 then gap end) as newest_gap,
        greatest(90, 2 * coalesce(max(case when recency > 1 then gap end), 0)) as usual_gap
    from purchase_gaps

),

-- Purchases that were not known at the day of the features are nothing to look at.
purchase_totals as (

    select
        coalesce(sum(purchase_rows), 0) as purchase_rows,
        coalesce(sum(case when rejection_reason is null then purchase_rows end), 0) as used_purchases,
        coalesce(
            sum(case when rejection_reason is null then repeats end), 0
        ) as used_repeats,
        coalesce(sum(case when rejection_reason != 'after as_of' then purchase_rows end), 0) as rejected_purchases
    from by_purchase_reason

),

{% endif -%}
by_reason as (

    select
        rejection_reason,
        {{ 'count(source_row_number)' if purchases_make_customers() else 'count(*)' }} as source_rows,
        count(*) as customer_rows,
        sum(case when has_fewer_cells then 1 else 0 end) as rows_with_fewer_cells
        {%- for name in measured %},
        count({{ name }}) as {{ name }}__valid,
        sum(case when {{ lists_column('unreadable_columns', name) }} then 1 else 0 end) as {{ name }}__unreadable,
        sum(case when {{ lists_column('out_of_range_columns', name) }} then 1 else 0 end) as {{ name }}__out_of_range
        {%- endfor %}
    from customers
    group by rejection_reason

),

totals as (

    select
        coalesce(sum(source_rows), 0) as source_rows,
        coalesce(sum(case when rejection_reason is null then customer_rows end), 0) as customers,
        coalesce(sum(case when rejection_reason is not null then source_rows end), 0) as rejected_rows,
        coalesce(sum(case when rejection_reason = 'duplicate customer_id' then source_rows end), 0) as repeated_ids,
        coalesce(sum(rows_with_fewer_cells), 0) as rows_with_fewer_cells
    from by_reason

),

by_column as (

    {% for name in measured -%}
    select
        '{{ name }}' as column_name,
        {{ loop.index }} as column_order,
        coalesce(sum({{ name }}__valid), 0) as valid,
        coalesce(sum({{ name }}__unreadable), 0) as unreadable,
        coalesce(sum({{ name }}__out_of_range), 0) as out_of_range
    from by_reason
    union all
    {% endfor -%}
    select
        '' as column_name,
        0 as column_order,
        0 as valid,
        0 as unreadable,
        0 as out_of_range
    where false

),

measured as (

    select
        'source rows' as kind,
        'all' as item,
        0 as item_order,
        source_rows as row_count,
        'rows of the source' as meaning,
        case
            when repeated_ids > 5e-2 * source_rows
                then
                    {{ plain_text('repeated_ids', 0) }} || ' of ' || {{ plain_text('source_rows', 0) }}
                    || ' rows repeat a customer_id and say something else, '
                    || 'and only '
                    || 'the first row of each is kept. If these are orders or visits, give one row per customer.'
            when rejected_rows > 2e-1 * source_rows
                then
                    {{ plain_text('rejected_rows', 0) }} || ' of ' || {{ plain_text('source_rows', 0) }}
                    || ' rows are rejected. '
                    || 'staging.rejected_customers shows them '
                    || 'with the reasons; clean the source, or look whether the var customer_columns names the right '
                    || 'columns.'
        end as warning
    from totals

    union all

    select
        'customers' as kind,
        'all' as item,
        1 as item_order,
        customers as row_count,
        '{{ 'customers, those included whom only their purchases name' if purchases_make_customers()
            else 'rows that are customers' }}' as meaning,
        cast(null as {{ dbt.type_string() }}) as warning
    from totals

    union all

    select
        'rows with fewer cells' as kind,
        'all' as item,
        2 as item_order,
        rows_with_fewer_cells as row_count,
        'rows that end before the last header; what they lack is missing' as meaning,
        case
            when rows_with_fewer_cells > 0
                then
                    rows_with_fewer_cells || ' rows have fewer cells than the file has headers, and what they lack is '
                    || 'taken for missing. Look whether a line break stands in a cell without quotes.'
        end as warning
    from totals

    union all

    select
        'rejected' as kind,
        reasons.reason as item,
        100 + reasons.reason_order as item_order,
        by_reason.source_rows as row_count,
        reasons.meaning,
        cast(null as {{ dbt.type_string() }}) as warning
    from reasons
    left join by_reason on reasons.reason = by_reason.rejection_reason

    union all

    select
        'unreadable' as kind,
        column_name as item,
        200 + column_order as item_order,
        unreadable as row_count,
        'rows whose value cannot be read as what the column holds' as meaning,
        case
            when unreadable > valid + out_of_range
                then
                    unreadable || ' of ' || (unreadable + valid + out_of_range)
                    || ' values of the column ' || column_name
                    || ' cannot be read. Look whether the var customer_columns names the right column and type.'
        end as warning
    from by_column

    union all

    select
        'out of range' as kind,
        column_name as item,
        1000 + column_order as item_order,
        out_of_range as row_count,
        'rows whose value lies outside the valid range of the column' as meaning,
        case
            when out_of_range > unreadable + valid
                then
                    {{ plain_text('out_of_range', 0) }} || ' of '
                    || {{ plain_text('(unreadable + valid + out_of_range)', 0) }}
                    || ' values of the column ' || column_name
                    || ' lie outside its valid range. '
                    || 'Look whether the var customer_columns names the right column, unit '
                    || 'and range.'
        end as warning
    from by_column

    union all

    select
        'imputed' as kind,
        feature as item,
        2000 + feature_order as item_order,
        missing_count as row_count,
        'customers without a usable value' as meaning,
        cast(null as {{ dbt.type_string() }}) as warning
    from {{ ref('feature_statistics') }}
{%- if has_purchases() %}

    union all

    select
        'purchase rows' as kind,
        'all' as item,
        5000 as item_order,
        purchase_rows as row_count,
        'rows of the purchases' as meaning,
        case
            when rejected_purchases > 2e-1 * purchase_rows
                then
                    {{ plain_text('rejected_purchases', 0) }} || ' of ' || {{ plain_text('purchase_rows', 0) }}
                    || ' rows of the purchases are rejected. '
                    || 'staging.rejected_purchases shows them with the reasons; clean the source, or look whether the '
                    || 'var purchase_columns names the right columns.'
        end as warning
    from purchase_totals

    union all

    select
        'used purchase rows' as kind,
        'all' as item,
        5001 as item_order,
        purchase_totals.used_purchases as row_count,
        'rows of the purchases that features are computed from' as meaning,
        case
            when purchase_totals.purchase_rows > 0 and purchase_totals.used_purchases = 0
                then
                    'No row of the purchases is used. staging.rejected_purchases shows why; as long as none is, every '
                    || 'feature of purchases is empty.'
            when newest_purchase.newest_gap > newest_purchase.usual_gap and {{ 'false' if var('as_of') else 'true' }}
                then
                    'The newest purchase, of ' || cast(newest_purchase.newest_day as {{ dbt.type_string() }})
                    || ', came ' || {{ plain_text('newest_purchase.newest_gap', 0) }}
                    || ' days after the one before, and all days are counted to it. If its date is mistyped, set the '
                    || 'var as_of to the right day.'
        end as warning
    from purchase_totals
    cross join newest_purchase

    union all

    select
        'used purchase rows' as kind,
        'repeated' as item,
        5002 as item_order,
        used_repeats as row_count,
        'used rows of which every column equals an earlier row' as meaning,
        case
            when used_repeats > 0 and {{ 'true' if var('repeated_purchases') is none else 'false' }}
                then
                    {{ plain_text('used_repeats', 0) }}
                    || ' rows of the purchases equal an earlier one in every column and count like any '
                    || 'other. If they stand there by mistake, set the var repeated_purchases to reject; if they are '
                    || 'purchases, set it to keep.'
        end as warning
    from purchase_totals

    union all

    select
        'rejected purchases' as kind,
        reasons.reason as item,
        5100 + reasons.reason_order as item_order,
        by_purchase_reason.purchase_rows as row_count,
        reasons.meaning,
        case
            when reasons.reason = 'date out of range' and by_purchase_reason.purchase_rows > 0
                then
                    {{ plain_text('by_purchase_reason.purchase_rows', 0) }}
                    || ' purchases are left out for their dates, from '
                    || cast(by_purchase_reason.first_date as {{ dbt.type_string() }}) || ' to '
                    || cast(by_purchase_reason.last_date as {{ dbt.type_string() }})
                    || '. If they are right, say which dates are by `min` and `max` of `date` in the var '
                    || 'purchase_columns.'
            when reasons.reason = 'other currency' and by_purchase_reason.purchase_rows > 0
                then
                    {{ plain_text('by_purchase_reason.purchase_rows', 0) }}
                    || ' purchases are left out for their currency. Convert them, or '
                    || 'name the currency to keep, as in `currency: {from: <your header>, keep: EUR}`.'
            when reasons.reason = 'unknown customer' and by_purchase_reason.purchase_rows > 0
                then
                    {{ plain_text('by_purchase_reason.purchase_rows', 0) }}
                    || ' purchases are of customers whom the customer table does not '
                    || 'have. Set the var purchases_make_customers to true to make customers of them, or look whether '
                    || 'both spell the ids alike.'
        end as warning
    from purchase_reasons as reasons
    left join by_purchase_reason on reasons.reason = by_purchase_reason.rejection_reason
{%- endif %}

),

shared as (

    select
        ---------- what is counted
        measured.kind,
        measured.item,
        cast(measured.item_order as integer) as item_order,
        measured.meaning,

        ---------- how many
        cast(coalesce(measured.row_count, 0) as bigint) as row_count,
        coalesce({{ significant(
            'measured.row_count * 1.0 / nullif(case'
            ~ " when measured.kind = 'imputed' then totals.customers"
            ~ (" when measured.kind like '%purchase%' then purchase_totals.purchase_rows" if has_purchases() else '')
            ~ ' else totals.source_rows end, 0)'
        ) }}, 0.0) as share,

        ---------- what to look at
        measured.warning
    from measured
    cross join totals
    {%- if has_purchases() %}
    cross join purchase_totals
    {%- endif %}

)

select * from shared
