-- Where would a new customer belong?
-- One with an annual income of 75 k$ and a spending score of 70, answered by the warehouse's own function.
select
    segment_name,
    nickname,
    round(distance, 2) as distance,
    runner_up_segment_name,
    round(margin, 2) as margin
from marts.classify_customer(75, 70)
