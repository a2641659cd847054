-- Outcomes as they are known on the as-of day: the var `as_of`, else the newest day on which an outcome was observed.
{%- set types = {'revenue_before': 'number', 'revenue_during': 'number', 'observed_on': 'day'} %}

with

outcomes as (

    select
        {{ typed_cell('campaign', 'text') }} as campaign,
        {{ typed_cell('customer_id', 'text') }} as customer_id,
        -- No integer: 0.6 would be rounded to a customer who stayed.
        coalesce(
            {{ typed_cell('retained', 'number') }},
            {{ clean_boolean('trim(cast(retained as ' ~ dbt.type_string() ~ '))') }}
        ) as retained,
        {% for column, type in types.items() -%}
        {{ typed_cell(column, type) }} as {{ column }},
        {% endfor -%}
        {{ unreadable_cells(types) }} as unreadable_columns
    from {{ campaign_relation('campaign_outcomes_table', ref('campaign_outcomes')) }}
    {% if not are_demo_customers() and not var('campaign_outcomes_table') -%}
    where not coalesce({{ typed_cell('is_simulated', 'yes or no') }}, false)
    {%- endif %}

),

known as (

    select * from outcomes
    {% if var('as_of') -%}
    -- One without a day is kept, to be refused.
    where observed_on is null or observed_on <= cast('{{ var('as_of') }}' as date)
    {%- endif %}

)

select * from known
