-- Which customers sit on a border between two segments?
-- A model fitted to other customers of the same kind might put them into the second segment: the actions of either fit.
{%- set segmentation = var('segmentations') | first %}
select
    customer_id,
    segment_name,
    runner_up_segment_name,
    round(margin, 3) as margin
from {{ ref('customer_segments') }}
where segmentation = '{{ segmentation }}' and is_boundary
order by margin, customer_id
