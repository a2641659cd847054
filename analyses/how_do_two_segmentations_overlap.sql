-- How do two segmentations overlap?
-- Who the segments of the first segmentation are in the last one. A segment that falls whole into one other says
-- the same twice; one that splits hides different people.
{%- set one = var('segmentations') | first %}
{%- set other = var('segmentations') | list | last %}
select
    {{ one }}_segment_name as segment,
    {{ other }}_segment_name as other_segment,
    count(*) as customers,
    round(count(*) * 1.0 / sum(count(*)) over (partition by {{ one }}_segment_name), 2) as share_of_segment
from {{ ref('customers') }}
group by {{ one }}_segment_name, {{ other }}_segment_name
order by {{ one }}_segment_name, customers desc, {{ other }}_segment_name
