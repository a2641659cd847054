{{ config(materialized='view') }}

with

customers as (

    select * from {{ ref('stg_customers') }}
    where rejection_reason is null

),

observed as (

    select
        ---------- ids
        customer_id,

        ---------- attributes
        {% for name in customer_columns('category') -%}
        {{ name }},
        {% endfor %}

        ---------- numerics
        {% for name in customer_columns('number') -%}
        {{ name }},
        {% endfor -%}
        {% for name, feature in engineered_features().items() -%}
        cast({{ feature.sql }} as double) as {{ name }}{{ ',' if not loop.last }}
        {% endfor %}
    from customers

)

select * from observed
