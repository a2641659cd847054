{{ config(enabled=has_purchases()) }}
with

totals as (

    select * from {{ ref('purchase_totals') }}

),

as_of_day as (

    select * from {{ ref('as_of_day') }}

),

timed as (

    select
        totals.*,
        {{ dbt.datediff('last_date', 'as_of', 'day') }}
            as recency_days,
        {{ dbt.datediff('first_date', 'as_of', 'day') }}
            as tenure_days
    from totals
    cross join as_of_day

),

averaged as (

    select
        *,
        sales / nullif(purchases, 0) as average_basket,
        case when purchases > 1 then (tenure_days - recency_days) * 1e0 / (purchases - 1) end as days_between,
        returned / nullif(sales, 0) as return_share
    from timed

),

features as (

    select
        ---------- ids
        averaged.customer_id,

        ---------- numerics
        cast(averaged.recency_days as {{ type_double() }}) as recency_days,
        cast(averaged.purchases as {{ type_double() }}) as purchases,
        averaged.revenue,
        {{ significant('averaged.average_basket') }} as average_basket,
        cast(averaged.tenure_days as {{ type_double() }}) as tenure_days,
        cast({{ significant('averaged.days_between') }} as {{ type_double() }}) as days_between_purchases,
        {{ significant('averaged.return_share') }} as return_share,
        averaged.favorite_category_share,
        cast(case when averaged.recency_days <= {{ var('active_days') }} then 1 else 0 end as {{ type_double() }})
            as is_active
        {%- if scores_purchases() %},
        cast(steps.score as {{ type_double() }}) as spending_score
        {%- endif %}
    from averaged
    {% if scores_purchases() -%}
    left join {{ ref('spending_score_steps') }} as steps
        on averaged.revenue > steps.over_revenue and averaged.revenue <= steps.to_revenue
    {% endif %}

)

select * from features
