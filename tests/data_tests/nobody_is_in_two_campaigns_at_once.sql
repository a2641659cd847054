-- Customers of two campaigns whose days overlap: what the one does would be counted for the other. Dates that were
-- changed after the arms were drawn are the likely cause.
with

members as (

    select
        assignments.campaign,
        assignments.customer_id,
        terms.starts_on,
        terms.ends_on
    from {{ ref('campaign_assignments') }} as assignments
    inner join {{ ref('campaign_terms') }} as terms on assignments.campaign = terms.campaign

)

select
    earlier.customer_id,
    earlier.campaign,
    later.campaign as other_campaign
from members as earlier
inner join members as later
    on
        earlier.customer_id = later.customer_id
        and earlier.campaign < later.campaign
        and earlier.starts_on <= later.ends_on
        and earlier.ends_on >= later.starts_on
