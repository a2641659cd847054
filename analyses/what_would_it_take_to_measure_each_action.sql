-- What would it take to measure each action?
-- For the actions that promise a result against a hold-out: the uplift that today's segment could show, and the
-- customers it would take to show one worth having.
{%- set segmentation = var('segmentations') | first %}
select
    segment_name,
    action_id,
    label,
    contactable_customers,
    round(100 * detectable_uplift, 1) as shows_points,
    customers_needed
from {{ ref('action_measurability') }}
where segmentation = '{{ segmentation }}' and needs_holdout
order by contactable_customers desc, segment_name, action_id
