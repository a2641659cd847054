-- Warns where the hold-out share of a campaign was changed after its arms were drawn. The draw goes on with the old
-- one.
{{ config(severity='warn') }}

select
    terms.campaign,
    terms.holdout_share,
    max(assignments.holdout_share) as drawn_share
from {{ ref('campaign_terms') }} as terms
inner join {{ ref('campaign_assignments') }} as assignments on terms.campaign = assignments.campaign
group by terms.campaign, terms.holdout_share
having max(assignments.holdout_share) != terms.holdout_share
