-- Which action reaches most customers?
-- The first action for each segment, widest reach first, with how to tell whether it worked.
{%- set segmentation = var('segmentations') | first %}
select
    customers,
    segment_name,
    objective,
    action,
    channel,
    kpi
from {{ ref('segment_marketing_actions') }}
where segmentation = '{{ segmentation }}' and priority = 1
order by customers desc, segment_id
