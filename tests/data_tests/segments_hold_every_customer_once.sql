-- Customers are counted per segment once, in `segment_profiles`; here the sums must come to everyone.
with

everyone as (

    select count(*) as customers from {{ ref('customer_scores') }}

),

segmentations as (

    {% for segmentation in var('segmentations') -%}
    select '{{ segmentation }}' as segmentation
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

assigned as (

    select
        segmentation,
        sum(customers) as customers,
        sum(share) as share
    from {{ ref('segments') }}
    group by segmentation

)

select
    segmentations.segmentation,
    everyone.customers,
    assigned.customers as customers_in_segments,
    assigned.share as share_in_segments
from segmentations
cross join everyone
left join assigned on segmentations.segmentation = assigned.segmentation
where
    everyone.customers != coalesce(assigned.customers, 0)
    or abs(assigned.share - 1) > 1e-6
