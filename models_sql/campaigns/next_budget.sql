-- The surest profit per coin comes first, by its lower bound; a share is kept for what is not proven either way.
{%- set limits = settings('campaigns') %}

with

results as (

    select
        results.*,
        terms.cost_per_contact
    from {{ ref('campaign_results') }} as results
    inner join {{ ref('campaign_terms') }} as terms on results.campaign = terms.campaign
    where not results.is_overall and results.is_ratio_as_drawn

),

-- Every action that a campaign names, in every segment of the campaign's segmentation that it names.
options as (

    select
        segments.segmentation,
        segments.segment_id,
        terms.action,
        max(segments.segment_name) as segment_name,
        max(terms.cost_per_contact) as cost_per_contact,
        max(case when terms.is_simulated then 1 else 0 end) = 1 as is_simulated
    from {{ ref('campaign_terms') }} as terms
    inner join {{ ref('campaign_segments') }} as segments on terms.campaign = segments.campaign
    where terms.problem is null and terms.cost_per_contact > 0
    group by segments.segmentation, segments.segment_id, terms.action

),

-- Campaigns that did the same to the same segment are one measurement, each weighted by its precision.
measured as (

    select
        segmentation,
        segment_id,
        action,
        sum(revenue_uplift / (revenue_standard_error * revenue_standard_error))
        / sum(1 / (revenue_standard_error * revenue_standard_error)) as revenue_uplift,
        sqrt(1 / sum(1 / (revenue_standard_error * revenue_standard_error))) as revenue_standard_error,
        max(critical_value) as critical_value,
        sum(measured_treatment) as measured_treatment
    from results
    where revenue_standard_error > 0
    group by segmentation, segment_id, action

),

segment_counts as (

    select
        counts.segmentation,
        counts.segment_id,
        counts.treatment + counts.holdout as customers,
        statistics.customers_needed
    from {{ ref('campaign_counts') }} as counts
    inner join {{ ref('campaign_statistics') }} as statistics
        on
            counts.kind = statistics.kind
            and counts.segmentation = statistics.segmentation
            and counts.segment_id = statistics.segment_id
    where counts.kind = 'segment'

),

valued as (

    select
        options.*,
        segment_counts.customers as contactable_customers,
        segment_counts.customers_needed,
        {{ limits.margin }} * measured.revenue_uplift - options.cost_per_contact as profit_per_contact,
        {{ limits.margin }} * (
            measured.revenue_uplift - measured.critical_value * measured.revenue_standard_error
        ) - options.cost_per_contact as profit_per_contact_low,
        {{ limits.margin }} * (
            measured.revenue_uplift + measured.critical_value * measured.revenue_standard_error
        ) - options.cost_per_contact as profit_per_contact_high
    from options
    inner join segment_counts
        on
            options.segmentation = segment_counts.segmentation
            and options.segment_id = segment_counts.segment_id
    left join measured
        on
            options.segmentation = measured.segmentation
            and options.segment_id = measured.segment_id
            and options.action = measured.action

),

judged as (

    select
        *,
        coalesce(profit_per_contact_low > 0, false) as is_proven,
        coalesce(profit_per_contact_high <= 0, false) as is_refuted
    from valued

),

ranked as (

    select
        *,
        row_number() over (
            partition by segmentation, segment_id
            order by profit_per_contact_low desc nulls last, action
        ) as choice,
        sum(case when is_refuted then 0 else 1 end) over (partition by segmentation, segment_id) as claims
    from judged

),

-- Money is worth an answer only where the answer could beat what the money earns without asking: the return of the
-- proven action at which the budget ends, or nothing where some would be left.
queue as (

    select
        *,
        coalesce(
            sum(contactable_customers * cost_per_contact) over (
                order by profit_per_contact_low / cost_per_contact desc, segmentation, segment_id
                rows between unbounded preceding and 1 preceding
            ), 0
        ) as spent_before
    from ranked
    where is_proven and choice = 1

),

otherwise as (

    select
        -- Before anything is measured there is nothing to earn with.
        case when (select count(*) from measured) = 0 then 1 else {{ limits.learning_share }} end as learning_share,
        coalesce(max(
            case
                when spent_before + contactable_customers * cost_per_contact >= {{ limits.next_budget }}
                    then profit_per_contact / cost_per_contact
            end
        ), 0) as return_on_spend
    from queue
    where spent_before < {{ limits.next_budget }}

),

-- A question is worth asking of as many customers as show a worthwhile uplift, if its fair part of the segment allows
-- it, and not of fewer than the smallest audience.
questions as (

    select
        ranked.*,
        otherwise.learning_share,
        least(
            ceil(coalesce(ranked.customers_needed, ranked.contactable_customers) * 5e-1),
            floor(cast(ranked.contactable_customers as double) / ranked.claims)
        ) as wanted_contacts
    from ranked
    cross join otherwise
    left join queue
        on
            ranked.segmentation = queue.segmentation
            and ranked.segment_id = queue.segment_id
            and ranked.action = queue.action
            and queue.spent_before < {{ limits.next_budget }}
    where
        -- One that earns is measured by that.
        queue.action is null
        and not ranked.is_refuted
        and coalesce(ranked.profit_per_contact_high / ranked.cost_per_contact > otherwise.return_on_spend, true)

),

-- What nobody has tried comes first, then what may turn out best.
asked as (

    select
        *,
        coalesce(
            sum(wanted_contacts * cost_per_contact) over (
                order by
                    case when profit_per_contact is null then 0 else 1 end,
                    profit_per_contact_high / cost_per_contact desc,
                    contactable_customers desc,
                    segmentation,
                    segment_id,
                    action
                rows between unbounded preceding and 1 preceding
            ), 0
        ) as spent_before
    from questions
    where wanted_contacts >= {{ var('smallest_audience') }}

),

affordable as (

    select
        *,
        least(
            wanted_contacts,
            floor(greatest({{ limits.next_budget }} * learning_share - spent_before, 0) / cost_per_contact)
        ) as contacts
    from asked

),

learned as (

    select
        segmentation,
        segment_id,
        action,
        contacts,
        contacts * cost_per_contact as amount
    from affordable
    where contacts >= {{ var('smallest_audience') }}

),

learned_from as (

    select
        segmentation,
        segment_id,
        sum(contacts) as contacts
    from learned
    group by segmentation, segment_id

),

-- A customer is contacted for one thing at a time: of the proven actions of a segment the surest is taken.
proven as (

    select
        ranked.segmentation,
        ranked.segment_id,
        ranked.action,
        ranked.cost_per_contact,
        ranked.profit_per_contact_low,
        ranked.contactable_customers - coalesce(taken.contacts, 0) as wanted_contacts
    from ranked
    left join learned_from as taken
        on ranked.segmentation = taken.segmentation and ranked.segment_id = taken.segment_id
    where ranked.is_proven and ranked.choice = 1

),

learning as (

    select coalesce(sum(amount), 0) as amount from learned

),

queued as (

    select
        proven.*,
        {{ limits.next_budget }} - learning.amount - coalesce(
            sum(proven.wanted_contacts * proven.cost_per_contact) over (
                order by
                    proven.profit_per_contact_low / proven.cost_per_contact desc,
                    proven.segmentation,
                    proven.segment_id
                rows between unbounded preceding and 1 preceding
            ), 0
        ) as money_left
    from proven
    cross join learning

),

earning as (

    select
        segmentation,
        segment_id,
        action,
        least(wanted_contacts, floor(greatest(money_left, 0) / cost_per_contact)) as contacts
    from queued

),

split as (

    select
        ---------- ids
        ranked.segmentation,
        ranked.segment_id,
        ranked.segment_name,
        ranked.action,

        ---------- what is known of it
        ranked.is_simulated,
        ranked.contactable_customers,
        ranked.cost_per_contact,
        ranked.profit_per_contact,
        ranked.profit_per_contact_low,
        ranked.profit_per_contact_high,

        ---------- what it gets
        case
            when earning.contacts > 0 then 'earn'
            when learned.contacts > 0 then 'learn'
            when ranked.is_refuted then 'stop'
            else 'wait'
        end as purpose,
        cast(coalesce(earning.contacts, 0) + coalesce(learned.contacts, 0) as bigint) as contacts,
        (coalesce(earning.contacts, 0) + coalesce(learned.contacts, 0)) * ranked.cost_per_contact as amount
    from ranked
    left join earning
        on
            ranked.segmentation = earning.segmentation
            and ranked.segment_id = earning.segment_id
            and ranked.action = earning.action
    left join learned
        on
            ranked.segmentation = learned.segmentation
            and ranked.segment_id = learned.segment_id
            and ranked.action = learned.action

)

select * from split
