{{ config(materialized='ephemeral') }}
-- Outcomes of customers who were drawn into an arm, with the arm and the segment they were drawn in.
with

assignments as (

    select * from {{ ref('campaign_assignments') }}

),

-- Those that are reported, and where there are purchases those read off them.
outcomes as (

    select
        campaign,
        customer_id,
        retained,
        revenue_before,
        revenue_during
    from {{ ref('campaign_observations') }}
    {% if has_purchases() -%}
    union all
    select
        campaign,
        customer_id,
        retained,
        revenue_before,
        revenue_during
    from {{ ref('campaign_outcomes_from_purchases') }}
    {%- endif %}

),

observed as (

    select
        assignments.campaign,
        assignments.segmentation,
        assignments.segment_id,
        assignments.arm,
        assignments.customer_id,
        outcomes.retained,
        outcomes.revenue_before,
        outcomes.revenue_during
    from assignments
    inner join outcomes
        on
            assignments.campaign = outcomes.campaign
            and assignments.customer_id = outcomes.customer_id

)

select * from observed
