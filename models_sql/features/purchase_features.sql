{{ config(enabled=has_purchases()) }}
with

totals as (

    select * from {{ ref('purchase_totals') }}

),

as_of_day as (

    select * from {{ ref('as_of_day') }}

),

features as (

    select
        ---------- ids
        totals.customer_id,

        ---------- numerics
        cast({{ dbt.datediff('totals.last_date', 'as_of_day.as_of', 'day') }} as double) as recency_days,
        cast(totals.purchases as double) as purchases,
        totals.revenue,
        {{ significant('totals.sales / nullif(totals.purchases, 0)') }} as average_basket,
        cast({{ dbt.datediff('totals.first_date', 'as_of_day.as_of', 'day') }} as double) as tenure_days,
        case
            when totals.purchases > 1
                then
                    {{ significant(
                        '(' ~ dbt.datediff('totals.first_date', 'totals.last_date', 'day')
                        ~ ') * 1e0 / (totals.purchases - 1)'
                    ) }}
        end as days_between_purchases,
        {{ significant('totals.returned / nullif(totals.sales, 0)') }} as return_share,
        totals.favorite_category_share,
        case
            when {{ dbt.datediff('totals.last_date', 'as_of_day.as_of', 'day') }} <= {{ var('active_days') }} then 1e0
            else 0e0
        end as is_active
        {%- if scores_purchases() %},
        cast(steps.score as double) as spending_score
        {%- endif %}
    from totals
    cross join as_of_day
    {% if scores_purchases() -%}
    left join {{ ref('spending_score_steps') }} as steps
        on totals.revenue > steps.over_revenue and totals.revenue <= steps.to_revenue
    {% endif %}

)

select * from features
