{{ config(materialized='ephemeral') }}
-- Outcomes of customers who were drawn into an arm, with the arm and the segment they were drawn in.
with

assignments as (

    select * from {{ ref('campaign_assignments') }}

),

observations as (

    select * from {{ ref('campaign_observations') }}

),

observed as (

    select
        assignments.campaign,
        assignments.segmentation,
        assignments.segment_id,
        assignments.arm,
        assignments.customer_id,
        observations.retained,
        observations.revenue_before,
        observations.revenue_during
    from assignments
    inner join observations
        on
            assignments.campaign = observations.campaign
            and assignments.customer_id = observations.customer_id

)

select * from observed
