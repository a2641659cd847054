-- The surest profit per coin comes first, by its lower bound; a share is kept for what is not proven either way.
{%- set settings = var('campaigns') %}
{%- set budget = settings.next_budget %}
{%- set to_learn = settings.next_budget * settings.learning_share %}
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

contactable as (

    select
        segmentation,
        segment_id,
        treatment + holdout as customers
    from {{ ref('campaign_counts') }}
    where kind = 'segment'

),

valued as (

    select
        options.*,
        contactable.customers as contactable_customers,
        {{ settings.margin }} * measured.revenue_uplift - options.cost_per_contact as profit_per_contact,
        {{ settings.margin }} * (
            measured.revenue_uplift - measured.critical_value * measured.revenue_standard_error
        ) - options.cost_per_contact as profit_per_contact_low,
        {{ settings.margin }} * (
            measured.revenue_uplift + measured.critical_value * measured.revenue_standard_error
        ) - options.cost_per_contact as profit_per_contact_high
    from options
    inner join contactable
        on
            options.segmentation = contactable.segmentation
            and options.segment_id = contactable.segment_id
    left join measured
        on
            options.segmentation = measured.segmentation
            and options.segment_id = measured.segment_id
            and options.action = measured.action

),

-- A customer is contacted for one thing at a time: of the proven actions of a segment the surest is taken.
proven as (

    select
        *,
        row_number() over (
            partition by segmentation, segment_id
            order by profit_per_contact_low desc, action
        ) as choice,
        contactable_customers * cost_per_contact as cost_of_all
    from valued
    where profit_per_contact_low > 0

),

queued as (

    select
        *,
        coalesce(
            sum(cost_of_all) over (
                partition by segmentation
                order by profit_per_contact_low / cost_per_contact desc, segment_id
                rows between unbounded preceding and 1 preceding
            ), 0
        ) as spent_before
    from proven
    where choice = 1

),

exploited as (

    select
        segmentation,
        segment_id,
        action,
        least(cost_of_all, greatest({{ budget - to_learn }} - spent_before, 0)) as amount
    from queued

),

-- What may still turn out well: not measured yet, or measured without a clear loss or gain.
open_questions as (

    select
        valued.*,
        count(*) over (partition by valued.segmentation) as questions
    from valued
    where
        valued.profit_per_contact is null
        or (valued.profit_per_contact_low <= 0 and valued.profit_per_contact_high > 0)

),

learned as (

    select
        segmentation,
        segment_id,
        action,
        {{ to_learn }} * 1e0 / questions as amount
    from open_questions

),

split as (

    select
        ---------- ids
        valued.segmentation,
        valued.segment_id,
        valued.segment_name,
        valued.action,

        ---------- what is known of it
        valued.is_simulated,
        valued.contactable_customers,
        valued.cost_per_contact,
        valued.profit_per_contact,
        valued.profit_per_contact_low,
        valued.profit_per_contact_high,

        ---------- what it gets
        case
            when exploited.amount > 0 then 'earn'
            when learned.amount > 0 then 'learn'
            when valued.profit_per_contact_high <= 0 then 'stop'
            else 'wait'
        end as purpose,
        coalesce(exploited.amount, 0) + coalesce(learned.amount, 0) as amount,
        cast(
            floor((coalesce(exploited.amount, 0) + coalesce(learned.amount, 0)) / valued.cost_per_contact) as bigint
        ) as contacts
    from valued
    left join exploited
        on
            valued.segmentation = exploited.segmentation
            and valued.segment_id = exploited.segment_id
            and valued.action = exploited.action
    left join learned
        on
            valued.segmentation = learned.segmentation
            and valued.segment_id = learned.segment_id
            and valued.action = learned.action

)

select * from split
