-- Rows of the assignments that are not what the draw wrote: changed, doubled, or missing from those drawn together. An
-- arm that was tampered with measures nothing. Restore the table from a backup, or leave the campaign out.
-- And customers of two campaigns whose days overlap, by the days of today's terms: dates that were changed after the
-- draw are the likely cause, and what the one campaign does would be counted for the other.
with

assignments as (

    select
        assignments.*,
        {{ assignment_hash('assignments') }} as expected_hash,
        {{ arm_fraction('assignments.campaign', 'assignments.customer_id') }} as expected_fraction,
        case
            when assignments.hash_fraction < assignments.holdout_share then 'hold-out' else 'treatment'
        end as hashed_arm,
        count(*) over (partition by assignments.campaign, assignments.customer_id) as copies
    from {{ ref('campaign_assignments') }} as assignments

),

draws as (

    select
        *,
        count(*) over (partition by campaign, segment_id, invocation_id) as drawn,
        row_number() over (
            partition by campaign, segment_id, invocation_id
            order by hash_fraction, customer_id
        ) as hash_rank
    from assignments
    where drawn_among is not null

),

members as (

    select
        assignments.campaign,
        assignments.customer_id,
        terms.starts_on,
        terms.ends_on,
        max(terms.ends_on) over (
            partition by assignments.customer_id
            order by terms.starts_on, assignments.campaign
            rows between unbounded preceding and 1 preceding
        ) as busy_until
    from assignments
    inner join {{ ref('campaign_terms') }} as terms on assignments.campaign = terms.campaign
    where assignments.copies = 1

),

faults as (

    select
        campaign,
        customer_id,
        case
            when copies > 1 then 'it stands there twice'
            when coalesce(assignment_hash != expected_hash, true) then 'its checksum is not that of the row'
            when coalesce(abs(hash_fraction - expected_fraction) > 1e-12, true)
                then 'its hash is not that of the customer'
            when drawn_among is null and arm != hashed_arm
                then 'its arm is not that of its hash'
        end as fault
    from assignments

    union all

    select
        campaign,
        customer_id,
        case
            when drawn != drawn_among then 'others were drawn with it that are gone, or rows were added'
            when
                arm != case
                    when hash_rank <= floor(holdout_share * drawn_among + 5e-1 + 1e-9) then 'hold-out'
                    else 'treatment'
                end
                then 'its arm is not that of its hash'
        end as fault
    from draws

    union all

    select
        campaign,
        customer_id,
        'the customer is in another campaign on the same days' as fault
    from members
    where starts_on <= busy_until

)

select * from faults
where fault is not null
