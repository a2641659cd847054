-- Do women and men of a segment have similar spending scores?
-- The difference of the means, in points. Where it is small against the segment's spread, one campaign serves both.
{%- set segmentation = var('segmentations') | first %}
with

by_gender as (

    select
        {{ segmentation }}_segment_name as segment_name,
        count(case when is_female = 1 then customer_id end) as women,
        count(case when is_female = 0 then customer_id end) as men,
        avg(case when is_female = 1 then spending_score end) as womens_score,
        avg(case when is_female = 0 then spending_score end) as mens_score
    from {{ ref('customers') }}
    group by {{ segmentation }}_segment_name

)

select
    segment_name,
    women,
    men,
    round(womens_score, 1) as womens_mean_spending_score,
    round(mens_score, 1) as mens_mean_spending_score,
    round(womens_score - mens_score, 1) as difference
from by_gender
order by abs(womens_score - mens_score) desc nulls last, segment_name
