-- Which age band should each campaign speak to?
-- The largest age band of each segment, and how much of the segment it covers.
{%- set segmentation = var('segmentations') | first %}
with

counted as (

    select
        {{ segmentation }}_segment_name as segment_name,
        age_band,
        count(*) as customers,
        count(*) * 1.0 / sum(count(*)) over (partition by {{ segmentation }}_segment_name) as share_of_segment,
        row_number() over (
            partition by {{ segmentation }}_segment_name
            order by count(*) desc, age_band
        ) as size_rank
    from {{ ref('customers') }}
    group by {{ segmentation }}_segment_name, age_band

)

select
    segment_name,
    age_band,
    customers,
    round(share_of_segment, 2) as share_of_segment
from counted
where size_rank = 1
order by share_of_segment desc, segment_name
