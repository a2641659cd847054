-- Warns of outcomes that are left out of the results because nobody drew the customer into an arm of the campaign.
{{ config(severity='warn') }}

select
    observations.campaign,
    count(*) as outcomes
from {{ ref('campaign_observations') }} as observations
left join {{ ref('campaign_assignments') }} as assignments
    on
        observations.campaign = assignments.campaign
        and observations.customer_id = assignments.customer_id
where assignments.customer_id is null
group by observations.campaign
