-- Where does our spending come from?
-- Each segment's share of all points of the spending score against its share of customers: above 1 it carries more
-- than its size.
{%- set segmentation = var('segmentations') | first %}
with

summed as (

    select
        {{ segmentation }}_segment_name as segment_name,
        count(*) * 1.0 / sum(count(*)) over () as share_of_customers,
        sum(spending_score) / sum(sum(spending_score)) over () as share_of_spending
    from {{ ref('customers') }}
    group by {{ segmentation }}_segment_name

)

select
    segment_name,
    round(share_of_customers, 3) as share_of_customers,
    round(share_of_spending, 3) as share_of_spending,
    round(share_of_spending / share_of_customers, 2) as spending_per_size
from summed
order by share_of_spending desc, segment_name
