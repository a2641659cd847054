{{ config(materialized='view') }}
{%- set columns = customer_columns() -%}
{#- Age has the bands of market research; the others are by how far from everyone's mean they lie. -#}
{%- set banded = {} -%}
{%- for band_name, name in banded_columns().items() if name in columns and band_name != 'age_band' -%}
    {%- do banded.update({name: band_name}) -%}
{%- endfor -%}
{%- set clustered = {} -%}
{%- for declared in var('segmentations').values() -%}
    {%- do clustered.update(declared.features) -%}
{%- endfor %}

with

customers as (

    select * from {{ ref('observed_features') }}

),

-- One row, a column per figure, so that no join multiplies the customers.
statistics as (

    select
        {% for name in banded -%}
        {% for figure in ('low_fence', 'high_fence', 'scaled_mean', 'scaled_stddev') -%}
        max(case when feature = '{{ name }}' then {{ figure }} end) as {{ name }}_{{ figure }},
        {% endfor -%}
        max(case when feature = '{{ name }}' and transform = 'log' then 1 else 0 end) as {{ name }}_is_log,
        {% endfor -%}
        count(*) as features
    from {{ ref('feature_statistics') }}

),

standardized as (

    select
        customers.*,
        {% for name in banded -%}
        {%- set prefix = 'statistics.' ~ name -%}
        {%- set kept = held('customers.' ~ name, prefix ~ '_low_fence', prefix ~ '_high_fence') -%}
        ({{ transformed('(' ~ kept ~ ')', prefix ~ '_is_log = 1') }} - {{ prefix }}_scaled_mean)
        / nullif({{ prefix }}_scaled_stddev, 0) as {{ name }}_z,
        {% endfor -%}
        concat_ws(
            ', ',
            {% for name in clustered -%}
            case when customers.{{ name }} is null then '{{ name }}' end{{ ',' if not loop.last }}
            {% endfor %}
        ) as imputed_features
    from customers
    cross join statistics

),

features as (

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
        {% for name, band_name in banded.items() -%}
        {{ band(name ~ '_z') }} as {{ band_name }},
        {% endfor %}

        ---------- numerics
        {% for name in numeric_features() -%}
        {{ name }},
        {% endfor %}

        ---------- quality
        imputed_features
    from standardized

)

select * from features
