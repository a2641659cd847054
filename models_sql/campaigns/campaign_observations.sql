-- Outcomes as they are known on the as-of day: the var `as_of`, else the newest day on which an outcome was observed.
with

outcomes as (

    select
        trim(cast(campaign as {{ dbt.type_string() }})) as campaign,
        trim(cast(customer_id as {{ dbt.type_string() }})) as customer_id,
        -- No integer: 0.6 would be rounded to a customer who stayed.
        cast(retained as double) as retained,
        cast(revenue_before as double) as revenue_before,
        cast(revenue_during as double) as revenue_during,
        cast(observed_on as date) as observed_on
    from {{ campaign_relation('campaign_outcomes_table', ref('campaign_outcomes')) }}
    {% if not are_demo_customers() and not var('campaign_outcomes_table') -%}
    where not is_simulated
    {%- endif %}

),

known as (

    select * from outcomes
    {% if var('as_of') -%}
    where observed_on <= cast('{{ var('as_of') }}' as date)
    {%- endif %}

)

select * from known
