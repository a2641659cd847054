{%- set segmentations = var('segmentations') | list -%}
with

customers as (

    select * from {{ ref('customers') }}

),

totals as (

    select count(*) as customers from customers

),

as_of_days as (

    select max(as_of) as segmented_on from {{ ref('segmentations') }}

),

segments as (

    select * from {{ ref('segments') }}

),

facts as (

    select
        ---------- ids
        customers.customer_id,
        customers.{{ segmentations[0] }}_segment_key as segment_key,
        {% for segmentation in segmentations[1:] -%}
        customers.{{ segmentation }}_segment_key,
        {% endfor %}

        ---------- attributes
        {% for name in customer_columns('category').keys() | list + customer_bands() -%}
        customers.{{ name }},
        {% endfor %}

        ---------- numerics
        {% for name in numeric_features() -%}
        customers.{{ name }},
        {% endfor -%}
        cast(1 as {{ type_double() }}) / totals.customers as share_of_all,

        ---------- flags, as 1 and 0 so that they add up
        case when segments.is_vip then 1 else 0 end as is_vip,
        case when customers.imputed_features != '' then 1 else 0 end as is_imputed,

        ---------- dates
        as_of_days.segmented_on
    from customers
    cross join totals
    cross join as_of_days
    left join segments
        on segments.segmentation = '{{ segmentations[0] }}'
        and customers.{{ segmentations[0] }}_segment_id = segments.segment_id

)

select * from facts
