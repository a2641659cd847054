-- Outcomes that would be counted wrongly: correct them where they come from.
with

outcomes as (

    select
        campaign,
        customer_id,
        retained,
        observed_on,
        count(*) over (partition by campaign, customer_id) as copies
    from {{ ref('campaign_observations') }}

),

faults as (

    select
        campaign,
        customer_id,
        case
            when campaign is null or customer_id is null then 'it does not say whose it is, or of which campaign'
            when copies > 1 then 'the customer has more than one outcome in this campaign'
            when coalesce(retained not in (0, 1), true) then 'retained is neither 0 nor 1'
            when observed_on is null then 'the day on which it was observed is missing'
        end as fault
    from outcomes

)

select * from faults
where fault is not null
