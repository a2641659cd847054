-- The customers whose values statistics are taken of, drawn by hash, so that the statistics cost the same at any size.
{%- set kept = ['customer_id'] + (customer_columns('category') | list) + (numeric_features() | list) %}
with

totals as (

    select count(*) as customers from {{ ref('observed_features') }}

),

drawn as (

    select
        {% for name in kept -%}
        customers.{{ name }}{{ ',' if not loop.last }}
        {% endfor %}
    from {{ ref('observed_features') }} as customers
    cross join totals
    where
        {{ hash_fraction("customers.customer_id || ' statistics " ~ var('random_seed') ~ "'") }}
        < {{ var('training_sample_rows') }} * 1e0 / totals.customers

)

select * from drawn
