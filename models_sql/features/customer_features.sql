{{ config(materialized='view') }}
{%- set features = numeric_features() -%}
{%- set columns = var('customer_columns') -%}
{#- Age has the bands of market research; the others are told by how far from everyone's mean they lie. -#}
{%- set banded = {} -%}
{%- for band, feature in banded_columns().items() if feature in columns and band != 'age_band' -%}
    {%- do banded.update({band: feature}) -%}
{%- endfor %}

with

customers as (

    select * from {{ ref('observed_features') }}

),

-- One row, a column per figure, so that each customer is completed without a join that multiplies rows.
statistics as (

    select
        {% for name in features -%}
        max(case when feature = '{{ name }}' then mean end) as {{ name }}_mean,
        max(case when feature = '{{ name }}' then stddev end) as {{ name }}_stddev,
        max(case when feature = '{{ name }}' then median end) as {{ name }}_median{{ ',' if not loop.last }}
        {% endfor %}
    from {{ ref('feature_statistics') }}

),

completed as (

    select
        customers.customer_id,
        {% for name in customer_columns('category') -%}
        customers.{{ name }},
        {% endfor -%}
        {% for name in features -%}
        coalesce(customers.{{ name }}, statistics.{{ name }}_median) as {{ name }},
        {% endfor -%}
        {% for band, name in banded.items() -%}
        (coalesce(customers.{{ name }}, statistics.{{ name }}_median) - statistics.{{ name }}_mean)
        / nullif(statistics.{{ name }}_stddev, 0) as {{ band }}_z,
        {% endfor -%}
        concat_ws(
            ', ',
            {% for name in features -%}
            case when customers.{{ name }} is null then '{{ name }}' end{{ ',' if not loop.last }}
            {% endfor %}
        ) as imputed_features
    from customers
    cross join statistics

),

banded as (

    select
        ---------- ids
        customer_id,

        ---------- attributes
        {% for name in customer_columns('category') -%}
        {{ name }},
        {% endfor -%}
        {% if 'age' in columns -%}
        {{ age_band('age') }} as age_band,
        {% endif -%}
        {% for name in banded -%}
        {{ band(name ~ '_z') }} as {{ name }},
        {% endfor %}

        ---------- numerics
        {% for name in features -%}
        {{ name }},
        {% endfor %}

        ---------- quality
        imputed_features
    from completed

)

select * from banded
