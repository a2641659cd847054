{{ config(enabled=has_purchases()) }}
{%- set columns = purchase_source_columns() -%}
{%- set dates = purchase_columns().get('date', {}) -%}
{%- set as_of = var('as_of') -%}
{%- set kept_currency = purchase_columns().get('currency', {}).get('keep') -%}
{%- set has_orders = 'order_id' in purchase_columns() -%}
{%- set rejects_repeats = (var('repeated_purchases') or ('reject' if has_orders else 'keep')) == 'reject' -%}
{#- A date is far from the others behind a gap of so many days, and of twice the longest gap among nearly all rows, with
    no more than this share of the rows beyond it. -#}
{%- set long_gap, few = 90, '5e-3' -%}
with

purchase_rows as (

    select * from {{ ref('purchase_rows') }}

),

-- The days of purchases, each with the days since the one before and the rows up to it.
days as (

    select
        purchase_date,
        lag(purchase_date) over (order by purchase_date) as day_before,
        sum(count(*)) over (order by purchase_date) - count(*) as rows_before,
        sum(count(*)) over (order by purchase_date desc) - count(*) as rows_after,
        sum(count(*)) over () as all_rows
    from purchase_rows
    where purchase_date is not null {{ "and purchase_date <= cast('" ~ as_of ~ "' as date)" if as_of }}
    group by purchase_date

),

placed as (

    select
        *,
        {{ dbt.datediff('day_before', 'purchase_date', 'day') }}
            as gap,
        rows_before >= (1 - {{ few }}) * all_rows as is_late,
        lag(rows_after) over (order by purchase_date) >= (1 - {{ few }}) * all_rows as was_early
    from days

),

usual as (

    select greatest({{ long_gap }}, 2 * coalesce(max(gap), 0)) as longest_gap
    from placed
    where not is_late and not was_early

),

-- The days between which dates are believed, null where nothing speaks against any.
believed as (

    select
        {% if dates.get('min') -%}
        max(cast('{{ dates.min }}' as date))
        {%- else -%}
        max(case when placed.was_early and placed.gap > usual.longest_gap then placed.purchase_date end)
        {%- endif %} as first_day,
        {% if dates.get('max') -%}
        max(cast('{{ dates.max }}' as date))
        {%- elif as_of -%}
        max(cast(null as date))
        {%- else -%}
        min(case when placed.is_late and placed.gap > usual.longest_gap then placed.day_before end)
        {%- endif %} as last_day
    from placed
    cross join usual

),

currencies as (

    select
        currency,
        row_number() over (
            order by
                {% if 'currency' not in purchase_columns() -%}
                case when currency is null then 1 else 0 end,
                {% endif -%}
                count(*) desc, currency
        ) as place
    from purchase_rows
    group by currency

),

home as (

    select max({{ sql_text(kept_currency | upper) if kept_currency else 'currency' }}) as currency
    from currencies
    where place = 1

),

-- Only rows that share a number may be equal, and only those are compared.
repeated_hashes as (

    select row_hash
    from purchase_rows
    group by row_hash
    having count(*) > 1

),

suspected as (

    select
        purchase_rows.source_row_number,
        row_number() over (
            partition by
                purchase_rows.row_hash, purchase_rows.customer_id, purchase_rows.order_id,
                purchase_rows.purchase_date, purchase_rows.amount, purchase_rows.category
            order by purchase_rows.source_row_number
        ) as nth
    from purchase_rows
    inner join repeated_hashes on purchase_rows.row_hash = repeated_hashes.row_hash

),

repeats as (

    select source_row_number
    from suspected
    where nth > 1

),
{% if not purchases_make_customers() %}
known_customers as (

    select customer_id
    from {{ ref('stg_customers') }}
    where rejection_reason is null

),
{% endif %}
judged as (

    select
        purchase_rows.*,
        repeats.source_row_number is not null as is_repeat,
        case
            when purchase_rows.has_more_cells then 'more cells than headers'
            when purchase_rows.customer_id is null then 'missing customer'
            when purchase_rows.purchase_date is null then 'unreadable date'
            {% if as_of -%}
            when purchase_rows.purchase_date > cast('{{ as_of }}' as date) then 'after as_of'
            {% endif -%}
            when
                coalesce(purchase_rows.purchase_date < believed.first_day, false)
                or coalesce(purchase_rows.purchase_date > believed.last_day, false)
                then 'date out of range'
            when purchase_rows.amount is null then 'unreadable amount'
            when purchase_rows.has_unreadable_flag then 'unreadable return flag'
            {% if 'currency' in purchase_columns() -%}
            when coalesce(purchase_rows.currency, '') != coalesce(home.currency, '') then 'other currency'
            {%- else -%}
            -- An amount without a sign is in the currency of the others.
            when purchase_rows.currency != coalesce(home.currency, purchase_rows.currency) then 'other currency'
            {%- endif %}
            {% if rejects_repeats -%}
            when repeats.source_row_number is not null then 'repeated row'
            {% endif -%}
            {% if not purchases_make_customers() -%}
            when known_customers.customer_id is null then 'unknown customer'
            {% endif -%}
        end as rejection_reason
    from purchase_rows
    cross join believed
    cross join home
    left join repeats on purchase_rows.source_row_number = repeats.source_row_number
    {% if not purchases_make_customers() -%}
    left join known_customers on purchase_rows.customer_id = known_customers.customer_id
    {% endif %}

),

staged as (

    select
        ---------- ids
        source_row_number,
        customer_id,
        order_id,

        ---------- attributes
        purchase_date,
        category,
        currency,

        ---------- numerics
        amount,

        ---------- quality
        is_repeat,
        rejection_reason,
        case when rejection_reason is not null then {{ source_values(columns) }} end as source_values
    from judged

)

select * from staged
