-- Whom can we move up with the least effort?
-- Customers whose second-nearest segment is a more valuable one, those closest to it first. A margin of 0 lies on the
-- border, a margin of 1 in the middle of the own segment.
{%- set segmentation = var('segmentations') | first %}
select
    assigned.customer_id,
    own.nickname as segment,
    better.nickname as could_become,
    customers.annual_income_k,
    customers.spending_score,
    round(assigned.margin, 3) as margin
from {{ ref('customer_segments') }} as assigned
inner join {{ ref('customers') }} as customers on assigned.customer_id = customers.customer_id
inner join {{ ref('segments') }} as own
    on assigned.segmentation = own.segmentation and assigned.segment_id = own.segment_id
inner join {{ ref('segments') }} as better
    on assigned.segmentation = better.segmentation and assigned.runner_up_segment_id = better.segment_id
where assigned.segmentation = '{{ segmentation }}' and better.value_rank < own.value_rank
order by assigned.margin, assigned.customer_id
