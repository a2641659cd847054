-- Whom can we move up with the least effort?
-- The smallest change of one feature that takes a customer into a more valuable segment, least effort first. Effort is
-- the change in standard deviations.
{%- set segmentation = var('segmentations') | first %}
select
    customer_id,
    segment_name as segment,
    target_segment_name as could_become,
    feature,
    round(change, 1) as change,
    round(effort, 2) as effort
from {{ ref('upgrade_candidates') }}
where segmentation = '{{ segmentation }}' and nearness = 1
order by effort, customer_id
