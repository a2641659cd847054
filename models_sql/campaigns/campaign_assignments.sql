-- Written once and never changed: who is measured has to stay who was drawn.
{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        on_schema_change='fail',
        full_refresh=false
    )
}}
with

candidates as (

    select * from {{ ref('campaign_candidates') }}
    where arm is not null

),

terms as (

    select * from {{ ref('campaign_terms') }}

),

former as (

    select * from {{ source('state', 'campaign_assignments') }}

),

drawn as (

    select candidates.*
    from candidates
    left join former
        on candidates.campaign = former.campaign and candidates.customer_id = former.customer_id
    where former.customer_id is null

),

assignments as (

    select
        ---------- ids
        drawn.campaign,
        drawn.customer_id,
        drawn.segmentation,
        drawn.segment_id,

        ---------- the arm and how it came about
        drawn.arm,
        drawn.hash_fraction,
        drawn.holdout_share,
        drawn.drawn_among,

        ---------- when
        terms.starts_on,
        terms.ends_on,
        terms.as_of as assigned_on,
        '{{ invocation_id }}' as invocation_id,
        {{ assignment_hash('drawn') }} as assignment_hash
    from drawn
    inner join terms on drawn.campaign = terms.campaign
    where terms.is_approved

)

select * from assignments
