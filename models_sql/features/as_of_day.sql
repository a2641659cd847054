-- The day that features are computed for: the var `as_of`, else that of the newest purchase, else the newest date the
-- customers have. Never the clock, so that the same customers give the same features on any day.
{%- set dates = customer_columns('date') %}
with

newest as (

    {% if has_purchases() -%}
    select max(purchase_date) as newest_date
    from {{ ref('stg_purchases') }}
    where rejection_reason is null
    {% else -%}
    {% for name in dates -%}
    select max({{ name }}) as newest_date
    from {{ ref('stg_customers') }}
    where rejection_reason is null
    {{ 'union all' if not loop.last }}
    {% else -%}
    select cast(null as date) as newest_date
    {% endfor -%}
    {% endif %}

),

chosen as (

    select
        {{ "cast('" ~ var('as_of') ~ "' as date)" if var('as_of') else 'max(newest_date)' }} as as_of
    from newest

)

select * from chosen
