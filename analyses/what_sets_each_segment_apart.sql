-- What sets each segment apart?
-- The feature in which each segment differs most from all customers, in its own unit and against the overall mean.
{%- set segmentation = var('segmentations') | first %}
with

ranked as (

    select
        segment_id,
        label,
        unit,
        mean,
        ratio_to_all,
        z_score,
        row_number() over (partition by segment_id order by abs(z_score) desc nulls last, feature_order) as strength
    from {{ ref('segment_profiles') }}
    where segmentation = '{{ segmentation }}' and center is not null

)

select
    segments.segment_name,
    ranked.label as feature,
    round(ranked.mean, 1) as mean,
    ranked.unit,
    round(ranked.ratio_to_all, 2) as times_the_overall_mean,
    round(ranked.z_score, 2) as z_score
from ranked
inner join {{ ref('segments') }} as segments
    on segments.segmentation = '{{ segmentation }}' and ranked.segment_id = segments.segment_id
where ranked.strength = 1
order by segments.value_rank
