-- Which customers sit on a border between two segments?
-- Nearly as close to the second segment as to their own: try the actions of either, and expect them to move.
{%- set segmentation = var('segmentations') | first %}
select
    customer_id,
    segment_name,
    runner_up_segment_name,
    round(margin, 3) as margin
from {{ ref('customer_segments') }}
where segmentation = '{{ segmentation }}' and is_boundary
order by margin, customer_id
