{{ config(enabled=has_purchases()) }}
{%- set has_categories = 'category' in purchase_columns() -%}
with

purchases as (

    select
        *,
        -- Lines of one order are one purchase; without a number of the order, what a customer buys on one day.
        {% if 'order_id' in purchase_columns() -%}
        coalesce('#' || order_id, cast(purchase_date as {{ dbt.type_string() }}))
        {%- else -%}
        purchase_date
        {%- endif %} as purchase_key
    from {{ ref('stg_purchases') }}
    where rejection_reason is null

),

-- A purchase with returned lines is one of what was kept; one of nothing but returned lines is no purchase.
orders as (

    select
        customer_id,
        purchase_key,
        max(case when amount >= 0 then 1 else 0 end) as is_purchase,
        min(case when amount >= 0 then purchase_date end) as purchase_date,
        sum(case when amount >= 0 then amount else 0 end) as sales,
        sum(case when amount < 0 then -amount else 0 end) as returned
    from purchases
    group by customer_id, purchase_key

),

totals as (

    select
        customer_id,
        sum(is_purchase) as purchases,
        min(purchase_date) as first_date,
        max(purchase_date) as last_date,
        {{ rounded('sum(sales)', 4) }} as sales,
        {{ rounded('sum(returned)', 4) }} as returned
    from orders
    group by customer_id

),
{% if has_categories %}
-- What is returned, or of no stated category, says nothing of what a customer likes.
categories as (

    select
        customer_id,
        category,
        sum(amount) as sales
    from purchases
    where amount > 0 and category is not null
    group by customer_id, category

),

favorites as (

    select
        customer_id,
        max(sales) / sum(sales) as favorite_category_share
    from categories
    group by customer_id

),
{% endif %}
measured as (

    select
        ---------- ids
        totals.customer_id,

        ---------- dates
        totals.first_date,
        totals.last_date,

        ---------- numerics
        cast(totals.purchases as bigint) as purchases,
        totals.sales,
        totals.returned,
        {{ rounded('totals.sales - totals.returned', 4) }} as revenue,
        {% if has_categories -%}
        {{ significant('favorites.favorite_category_share') }}
        {%- else -%}
        cast(null as {{ type_double() }})
        {%- endif %} as favorite_category_share
    from totals
    {% if has_categories -%}
    left join favorites on totals.customer_id = favorites.customer_id
    {% endif %}

)

select * from measured
