-- Which campaigns worked?
-- What each campaign brought against its hold-out, all its segments together, and whether that can be believed.
select
    campaign,
    verdict,
    round(100 * uplift, 1) as uplift_points,
    round(100 * uplift_low, 1) as at_least,
    round(100 * uplift_high, 1) as at_most,
    round(incremental_customers, 1) as customers_kept,
    reading
from {{ ref('campaign_results') }}
where is_overall
order by starts_on, campaign
