-- What earns most for its money by the lower bound of its profit comes first; a share is kept for what is not proven.
{%- set limits = var('campaigns') %}

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
        measured.revenue_uplift,
        measured.revenue_standard_error,
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

-- A customer is contacted for one thing at a time, so a segment goes from nothing to the cheapest proven action worth
-- its money, and from there to a dearer one where that earns more. What a step costs and earns more decides when it is
-- taken: the knapsack of classes with parts allowed, which going by the best return solves (Sinha, Zoltners 1979).
levels as (

    select
        segmentation,
        segment_id,
        action,
        contactable_customers,
        cost_per_contact,
        profit_per_contact_low
    from (
        select
            *,
            row_number() over (
                partition by segmentation, segment_id, cost_per_contact
                order by profit_per_contact_low desc, action
            ) as place
        from judged
        where is_proven
    ) as proven
    where place = 1

    union all

    select distinct
        segmentation,
        segment_id,
        null as action,
        contactable_customers,
        0 as cost_per_contact,
        0 as profit_per_contact_low
    from judged
    where is_proven

),

returns as (

    select
        cheaper.segmentation,
        cheaper.segment_id,
        cheaper.cost_per_contact as cost_before,
        dearer.action,
        dearer.contactable_customers,
        dearer.cost_per_contact,
        dearer.profit_per_contact_low,
        (dearer.profit_per_contact_low - cheaper.profit_per_contact_low)
        / (dearer.cost_per_contact - cheaper.cost_per_contact) as return_on_spend
    from levels as cheaper
    inner join levels as dearer
        on
            cheaper.segmentation = dearer.segmentation
            and cheaper.segment_id = dearer.segment_id
            and cheaper.cost_per_contact < dearer.cost_per_contact

),

onward as (

    select
        segmentation,
        segment_id,
        cost_before as cost_per_contact,
        max(return_on_spend) as best_return
    from returns
    group by segmentation, segment_id, cost_before

),

-- An action that no mix of a cheaper and a dearer one beats: the step to it returns more than any step from it.
steps as (

    select
        arrived.*,
        arrived.cost_per_contact - coalesce(
            lag(arrived.cost_per_contact) over (
                partition by arrived.segmentation, arrived.segment_id order by arrived.cost_per_contact
            ), 0
        ) as cost_of_step
    from (
        select
            segmentation,
            segment_id,
            action,
            contactable_customers,
            cost_per_contact,
            profit_per_contact_low,
            min(return_on_spend) as return_on_spend
        from returns
        group by
            segmentation, segment_id, action, contactable_customers, cost_per_contact, profit_per_contact_low
    ) as arrived
    left join onward
        on
            arrived.segmentation = onward.segmentation
            and arrived.segment_id = onward.segment_id
            and arrived.cost_per_contact = onward.cost_per_contact
    where arrived.return_on_spend > greatest(coalesce(onward.best_return, 0), 0)

),

queue as (

    select
        *,
        coalesce(
            sum(contactable_customers * cost_of_step) over (
                order by return_on_spend desc, segmentation, segment_id, cost_per_contact
                rows between unbounded preceding and 1 preceding
            ), 0
        ) as spent_before
    from steps

),

-- What the whole budget would earn if nothing were left to learn. Who takes the next step is not contacted for this
-- one.
reached as (

    select
        *,
        least(
            contactable_customers, floor(({{ limits.next_budget }} - spent_before) / cost_of_step)
        ) as customers
    from queue
    where spent_before < {{ limits.next_budget }}

),

earning_alone as (

    select
        *,
        customers - coalesce(
            lead(customers) over (partition by segmentation, segment_id order by cost_per_contact), 0
        ) as contacts
    from reached

),

-- What a coin earns then: the return of the step at which the budget ends, or nothing where some is left.
otherwise as (

    select
        -- Before anything is measured there is nothing to earn with.
        case when (select count(*) from measured) = 0 then 1 else {{ limits.learning_share }} end as learning_share,
        coalesce(max(
            case
                when spent_before + contactable_customers * cost_of_step >= {{ limits.next_budget }}
                    then return_on_spend
            end
        ), 0) as return_on_spend
    from earning_alone

),

-- What a segment earns per customer beyond that.
surpluses as (

    select
        earning_alone.segmentation,
        earning_alone.segment_id,
        max(
            earning_alone.profit_per_contact_low - otherwise.return_on_spend * earning_alone.cost_per_contact
        ) as surplus
    from earning_alone
    cross join otherwise
    group by earning_alone.segmentation, earning_alone.segment_id

),

claimed as (

    select
        judged.*,
        otherwise.learning_share,
        {{ limits.margin }} * (judged.revenue_uplift + judged.revenue_standard_error)
        - judged.cost_per_contact * (1 + otherwise.return_on_spend)
        - coalesce(surpluses.surplus, 0) as gain_if_lucky,
        sum(case when judged.is_refuted then 0 else 1 end) over (
            partition by judged.segmentation, judged.segment_id
        ) as claims
    from judged
    cross join otherwise
    left join surpluses
        on judged.segmentation = surpluses.segmentation and judged.segment_id = surpluses.segment_id

),

-- As many customers as show a worthwhile uplift, if the fair part of the segment allows it.
sized as (

    select
        *,
        least(
            ceil(coalesce(customers_needed, contactable_customers) * 5e-1),
            floor(cast(contactable_customers as {{ type_double() }}) / claims)
        ) as wanted_contacts
    from claimed

),

-- Money is worth an answer only where the answer, a standard error better than what is known, would beat what the
-- segment and the money earn without it. It is not asked of fewer than the smallest audience.
questions as (

    select sized.*
    from sized
    left join earning_alone
        on
            sized.segmentation = earning_alone.segmentation
            and sized.segment_id = earning_alone.segment_id
            and sized.action = earning_alone.action
    where
        sized.wanted_contacts >= {{ var('smallest_audience') }}
        and not sized.is_refuted
        and coalesce(sized.gain_if_lucky > 0, true)
        -- One that earns is measured by that.
        and sized.wanted_contacts > coalesce(earning_alone.contacts, 0)

),

-- What nobody has tried comes first, then the question that may gain a whole segment most for its money.
asked as (

    select
        *,
        coalesce(
            sum(wanted_contacts * cost_per_contact) over (
                order by
                    case when profit_per_contact is null then 0 else 1 end,
                    gain_if_lucky * contactable_customers / (wanted_contacts * cost_per_contact) desc,
                    contactable_customers desc,
                    segmentation,
                    segment_id,
                    action
                rows between unbounded preceding and 1 preceding
            ), 0
        ) as spent_before
    from questions

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

-- The steps again, with the customers and the money that learning leaves.
left_over as (

    select
        steps.*,
        steps.contactable_customers - coalesce(learned_from.contacts, 0) as customers
    from steps
    left join learned_from
        on steps.segmentation = learned_from.segmentation and steps.segment_id = learned_from.segment_id

),

queued as (

    select
        *,
        {{ limits.next_budget }} - (select coalesce(sum(learned.amount), 0) from learned) - coalesce(
            sum(customers * cost_of_step) over (
                order by return_on_spend desc, segmentation, segment_id, cost_per_contact
                rows between unbounded preceding and 1 preceding
            ), 0
        ) as money_left
    from left_over

),

taken as (

    select
        *,
        least(customers, floor(greatest(money_left, 0) / cost_of_step)) as reached_customers
    from queued

),

earning as (

    select
        segmentation,
        segment_id,
        action,
        reached_customers - coalesce(
            lead(reached_customers) over (partition by segmentation, segment_id order by cost_per_contact), 0
        ) as contacts
    from taken

),

split as (

    select
        ---------- ids
        judged.segmentation,
        judged.segment_id,
        {{ segment_key('judged.segmentation', 'judged.segment_id') }} as segment_key,
        judged.segment_name,
        judged.action,

        ---------- what is known of it
        judged.is_simulated,
        judged.contactable_customers,
        judged.cost_per_contact,
        judged.profit_per_contact,
        judged.profit_per_contact_low,
        judged.profit_per_contact_high,

        ---------- what it gets
        case
            when earning.contacts > coalesce(learned.contacts, 0) then 'earn'
            when learned.contacts > 0 then 'learn'
            when judged.is_refuted then 'stop'
            else 'wait'
        end as purpose,
        cast(coalesce(earning.contacts, 0) + coalesce(learned.contacts, 0) as bigint) as contacts,
        (coalesce(earning.contacts, 0) + coalesce(learned.contacts, 0)) * judged.cost_per_contact as amount
    from judged
    left join earning
        on
            judged.segmentation = earning.segmentation
            and judged.segment_id = earning.segment_id
            and judged.action = earning.action
    left join learned
        on
            judged.segmentation = learned.segmentation
            and judged.segment_id = learned.segment_id
            and judged.action = learned.action

)

select * from split
