-- Which segment is worth most per head?
-- The value index is the mean z-score of income and spending: above 0 a customer is worth more than the average one.
{%- set segmentation = var('segmentations') | first %}
select
    value_rank,
    segment_name,
    nickname,
    customers,
    round(value_index, 2) as value_index,
    round(mean_annual_income_k, 1) as mean_annual_income_k,
    round(mean_spending_score, 1) as mean_spending_score
from {{ ref('segments') }}
where segmentation = '{{ segmentation }}'
order by value_rank
