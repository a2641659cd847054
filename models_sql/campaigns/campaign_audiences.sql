-- Whom each campaign contacts and whom it must not. Consent is that of today: one who withdrew it stays in the
-- measurement and leaves the lists.
with

assignments as (

    select * from {{ ref('campaign_assignments') }}

),

terms as (

    select * from {{ ref('campaign_terms') }}

),

scores as (

    select * from {{ ref('customer_scores') }}

),

customers as (

    select
        customer_id,
        {{ may_contact('scores') }} as may_contact
    from scores

),

contactable as (

    select
        assignments.*,
        coalesce(customers.may_contact, false) as may_contact,
        sum(case when customers.may_contact then 1 else 0 end) over (
            partition by assignments.campaign, assignments.segment_id
        ) as contactable_customers
    from assignments
    left join customers on assignments.customer_id = customers.customer_id

),

audiences as (

    select
        ---------- ids
        contactable.campaign,
        contactable.customer_id,
        contactable.segmentation,
        contactable.segment_id,
        {{ segment_key('contactable.segmentation', 'contactable.segment_id') }} as segment_key,

        ---------- which list
        segments.segment_name,
        contactable.arm,
        contactable.may_contact,
        contactable.may_contact
        and contactable.contactable_customers >= {{ var('smallest_audience') }}
        and terms.problem is null as is_listed,

        ---------- what is done, and when
        terms.action,
        terms.starts_on,
        terms.ends_on,
        terms.status,
        terms.is_simulated
    from contactable
    inner join terms on contactable.campaign = terms.campaign
    left join {{ ref('segments') }} as segments
        on
            contactable.segmentation = segments.segmentation
            and contactable.segment_id = segments.segment_id

)

select * from audiences
