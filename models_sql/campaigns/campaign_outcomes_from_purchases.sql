{{ config(enabled=has_purchases()) }}
-- Outcomes of campaigns of which none are reported: who bought in the campaign's days, and for how much, against as
-- many days before. Read off when the campaign is over, since who has not bought yet may still do so.
with

-- Whoever was drawn stays in the measurement, even where no customer table knows the id any more.
purchases as (

    select * from {{ ref('stg_purchases') }}
    where coalesce(rejection_reason, 'unknown customer') = 'unknown customer'

),

known as (

    select
        min(purchase_date) as first_day,
        max(purchase_date) as last_day
    from purchases

),

reported as (

    select distinct campaign from {{ ref('campaign_observations') }}

),

-- A campaign is over once a purchase of a later day shows that those of its last day are all there.
campaigns as (

    select
        terms.campaign,
        terms.starts_on,
        terms.ends_on,
        known.first_day,
        {{ dbt.dateadd('day', '-1 - ' ~ dbt.datediff('terms.starts_on', 'terms.ends_on', 'day'), 'terms.starts_on') }}
            as before_from
    from {{ ref('campaign_terms') }} as terms
    cross join known
    left join reported on terms.campaign = reported.campaign
    where
        terms.problem is null
        and terms.ends_on < known.last_day
        and reported.campaign is null

),

added_up as (

    select
        assignments.campaign,
        assignments.customer_id,
        campaigns.first_day <= campaigns.before_from as is_before_known,
        max(case when purchases.purchase_date >= campaigns.starts_on and purchases.amount >= 0 then 1 else 0 end)
            as retained,
        sum(case when purchases.purchase_date < campaigns.starts_on then purchases.amount else 0 end) as revenue_before,
        sum(case when purchases.purchase_date >= campaigns.starts_on then purchases.amount else 0 end)
            as revenue_during
    from campaigns
    inner join {{ ref('campaign_assignments') }} as assignments on campaigns.campaign = assignments.campaign
    left join purchases
        on
            assignments.customer_id = purchases.customer_id
            and campaigns.before_from <= purchases.purchase_date
            and campaigns.ends_on >= purchases.purchase_date
    group by assignments.campaign, assignments.customer_id, campaigns.first_day, campaigns.before_from

),

outcomes as (

    select
        ---------- ids
        campaign,
        customer_id,

        ---------- what became of the customer
        cast(retained as {{ type_double() }}) as retained,
        case when is_before_known then {{ significant('revenue_before') }} end as revenue_before,
        {{ significant('revenue_during') }} as revenue_during
    from added_up

)

select * from outcomes
