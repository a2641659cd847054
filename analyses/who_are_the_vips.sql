-- Who are our VIPs?
-- Every customer of the most valuable segments, the highest spending score first: the list for the concierge desk.
{%- set segmentation = var('segmentations') | first %}
select
    customers.customer_id,
    customers.gender,
    customers.age,
    customers.annual_income_k,
    customers.spending_score,
    segments.nickname
from {{ ref('customers') }} as customers
inner join {{ ref('segments') }} as segments
    on
        segments.segmentation = '{{ segmentation }}'
        and customers.{{ segmentation }}_segment_id = segments.segment_id
where segments.is_vip
order by customers.spending_score desc, customers.annual_income_k desc, customers.customer_id
