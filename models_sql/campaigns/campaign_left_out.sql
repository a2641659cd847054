-- Who would have been asked and is not, counted; the reasons are looked for in the order of the documentation.
with

candidates as (

    select * from {{ ref('campaign_candidates') }}
    where reason is not null

),

left_out as (

    select
        campaign,
        segmentation,
        segment_id,
        reason,
        count(*) as customers
    from candidates
    group by campaign, segmentation, segment_id, reason

)

select * from left_out
