-- Where are our keenest spenders?
-- Each segment's share of the quarter of customers with the highest spending scores, against its share of all:
-- above 1 it holds more of them than its size. The score ranks customers; it is not money, so it is counted by and
-- not added up.
{%- set segmentation = var('segmentations') | first %}
with

ranked as (

    select
        {{ segmentation }}_segment_name as segment_name,
        case when percent_rank() over (order by spending_score) >= 75e-2 then 1 else 0 end as is_keen
    from {{ ref('customers') }}

),

counted as (

    select
        segment_name,
        sum(is_keen) as keen_customers,
        sum(is_keen) * 1e0 / sum(sum(is_keen)) over () as share_of_keen,
        count(*) * 1e0 / sum(count(*)) over () as share_of_customers
    from ranked
    group by segment_name

)

select
    segment_name,
    cast(keen_customers as bigint) as keen_customers,
    round(share_of_keen, 3) as share_of_keen,
    round(share_of_customers, 3) as share_of_customers,
    round(share_of_keen / share_of_customers, 2) as keen_per_size
from counted
order by share_of_keen desc, segment_name
