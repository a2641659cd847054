-- Which segment is worth most per head?
-- The value index is the mean z-score of income and spending score, 0 for the average customer. Segments of one value
-- group are about equal.
{%- set segmentation = var('segmentations') | first %}
select
    value_rank,
    value_group,
    segment_name,
    nickname,
    customers,
    round(value_index, 2) as value_index,
    round(mean_annual_income_k, 1) as mean_annual_income_k,
    round(mean_spending_score, 1) as mean_spending_score
from {{ ref('segments') }}
where segmentation = '{{ segmentation }}'
order by value_rank
