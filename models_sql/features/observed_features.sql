{{ config(materialized='view') }}

{#- Who never bought has bought nothing; when is unknown. -#}
{%- set of_nobody = {'purchases': '0e0', 'revenue': '0e0', 'is_active': '0e0', 'spending_score': '1e0'} %}
with

customers as (

    select * from {{ ref('stg_customers') }}
    where rejection_reason is null

),

as_of_day as (

    select * from {{ ref('as_of_day') }}

),

observed as (

    select
        ---------- ids
        customers.customer_id,

        ---------- attributes
        {% for name in customer_columns('category') -%}
        {{ name }},
        {% endfor %}

        ---------- numerics
        {% for name in customer_columns('number') -%}
        {{ name }},
        {% endfor -%}
        {% for name in customer_columns('date') -%}
        cast({{ dbt.datediff(name, 'as_of', 'day') }} as {{ type_double() }}) as {{ name }},
        {% endfor -%}
        {% for name in purchase_features() -%}
        {%- set nothing = of_nobody.get(name) -%}
        {{ 'coalesce(purchases.' ~ name ~ ', ' ~ nothing ~ ')' if nothing else 'purchases.' ~ name }} as {{ name }},
        {% endfor -%}
        {% for name, feature in engineered_features().items() -%}
        cast({{ feature.sql }} as {{ type_double() }}) as {{ name }},
        {% endfor %}

        ---------- dates
        as_of_day.as_of
    from customers
    cross join as_of_day
    {%- if has_purchases() %}
    left join {{ ref('purchase_features') }} as purchases on customers.customer_id = purchases.customer_id
    {%- endif %}

)

select * from observed
