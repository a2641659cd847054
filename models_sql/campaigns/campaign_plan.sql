{%- set limits = var('campaigns') %}
{%- set wanted = said_number('%g' % ((limits.worthwhile_uplift | default(0, true)) * 100)) %}

with

counts as (

    select * from {{ ref('campaign_counts') }}
    where kind = 'campaign'

),

statistics as (

    select * from {{ ref('campaign_statistics') }}
    where kind = 'campaign'

),

terms as (

    select * from {{ ref('campaign_terms') }}

),

left_out as (

    select
        campaign,
        segment_id,
        sum(customers) as customers
    from {{ ref('campaign_left_out') }}
    group by campaign, rollup(segment_id)

),

joined as (

    select
        counts.*,
        terms.action,
        terms.starts_on,
        terms.ends_on,
        terms.status,
        terms.is_approved,
        terms.is_simulated,
        terms.budget,
        terms.cost_per_contact,
        counts.treatment * terms.cost_per_contact as expected_cost,
        coalesce(left_out.customers, 0) as customers_left_out,
        statistics.detectable_uplift,
        statistics.customers_needed,
        statistics.smallest_holdout
    from counts
    inner join terms on counts.unit = terms.campaign
    inner join statistics
        on counts.unit = statistics.unit and coalesce(counts.segment_id, -1) = coalesce(statistics.segment_id, -1)
    left join left_out
        on counts.unit = left_out.campaign and coalesce(counts.segment_id, -1) = coalesce(left_out.segment_id, -1)

),

plan as (

    select
        ---------- ids
        unit as campaign,
        segmentation,
        segment_id,
        {{ segment_key() }} as segment_key,
        segment_name,
        segment_id is null as is_overall,

        ---------- what is planned
        action,
        starts_on,
        ends_on,
        status,
        is_approved,
        is_simulated,

        ---------- the arms
        treatment + holdout as customers,
        treatment,
        holdout,
        cast(customers_left_out as bigint) as customers_left_out,

        ---------- what they can show
        baseline,
        is_baseline_measured,
        detectable_uplift,
        coalesce(detectable_uplift <= {{ limits.worthwhile_uplift }}, false) as is_measurable,
        cast(customers_needed as bigint) as customers_needed,
        cast(smallest_holdout as bigint) as smallest_holdout,

        ---------- what it costs
        expected_cost,
        budget,
        coalesce(expected_cost <= budget, true) as is_within_budget,

        ---------- in words
        {{ plain_text('treatment', 0) }} || ' customers are contacted and '
        || {{ plain_text('holdout', 0) }} || ' held out. '
        || case
            when detectable_uplift is null
                then 'So few cannot show any uplift'
            else 'They can show an uplift of ' || {{ plain_text('100 * detectable_uplift', 1) }} || ' points'
        end
        || ' on a retention of ' || {{ plain_text('100 * baseline', 1) }} || ' %'
        || case when is_baseline_measured then '' else ' (assumed, no hold-out has shown it yet)' end
        || case
            when detectable_uplift <= {{ limits.worthwhile_uplift }} and smallest_holdout < holdout
                then
                    '; holding out ' || {{ plain_text('smallest_holdout', 0) }}
                    || ' would do for {{ wanted }} points.'
            when detectable_uplift <= {{ limits.worthwhile_uplift }} then '.'
            when smallest_holdout is not null
                then
                    '; for {{ wanted }} points hold out '
                    || {{ plain_text('smallest_holdout', 0) }} || '.'
            when customers_needed is not null
                then
                    '; {{ wanted }} points would need '
                    || {{ plain_text('customers_needed', 0) }}
                    || ' customers at this hold-out share.'
            else '; there is no room for {{ wanted }} points more.'
        end
        || case when is_simulated then ' Simulated data.' else '' end as reading
    from joined

)

select * from plan
