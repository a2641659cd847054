-- Also a segment that nothing was written for: general actions fill up.
select
    segments.segmentation,
    segments.segment_name,
    count(actions.action_id) as actions
from {{ ref('segments') }} as segments
left join {{ ref('segment_marketing_actions') }} as actions
    on segments.segmentation = actions.segmentation and segments.segment_id = actions.segment_id
group by segments.segmentation, segments.segment_name
having count(actions.action_id) < 3
