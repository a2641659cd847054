{%- set limits = var('campaigns') %}
with

counts as (

    select * from {{ ref('campaign_counts') }}
    where kind = 'campaign' and measured_treatment + measured_holdout > 0

),

statistics as (

    select * from {{ ref('campaign_statistics') }}
    where kind = 'campaign'

),

terms as (

    select * from {{ ref('campaign_terms') }}

),

joined as (

    select
        counts.*,
        terms.action,
        terms.starts_on,
        terms.ends_on,
        terms.as_of,
        terms.status,
        terms.is_simulated,
        counts.measured_treatment * terms.cost_per_contact as spend,
        statistics.retention_treatment,
        statistics.retention_holdout,
        statistics.uplift,
        statistics.uplift_low,
        statistics.uplift_high,
        statistics.p_value,
        coalesce(statistics.p_value_holm, statistics.p_value) as family_p_value,
        statistics.p_value_holm,
        statistics.anytime_low,
        statistics.anytime_high,
        statistics.measured_detectable_uplift,
        statistics.smallest_expected_count,
        statistics.ratio_p_value,
        statistics.revenue_uplift,
        statistics.revenue_standard_error,
        statistics.revenue_low,
        statistics.revenue_high,
        statistics.variance_left,
        statistics.critical_value
    from counts
    inner join terms on counts.unit = terms.campaign
    inner join statistics
        on counts.unit = statistics.unit and coalesce(counts.segment_id, -1) = coalesce(statistics.segment_id, -1)

),

judged as (

    select
        *,
        coalesce(ratio_p_value >= {{ limits.ratio_alarm }}, true) as is_ratio_as_drawn,
        -- The test wants five of a kind expected in each arm (Cochran's rule). Before the end only the interval that
        -- allows looking early counts; after it the test and its interval have to agree.
        case
            when coalesce(smallest_expected_count, 0) < 5 then false
            when status = 'running' then anytime_low > 0
            else family_p_value < {{ limits.level }} and uplift_low > 0
        end as is_shown_to_work,
        case
            when coalesce(smallest_expected_count, 0) < 5 then false
            when status = 'running' then anytime_high < 0
            else family_p_value < {{ limits.level }} and uplift_high < 0
        end as is_shown_to_harm
    from joined

),

results as (

    select
        ---------- ids
        unit as campaign,
        segmentation,
        segment_id,
        {{ segment_key() }} as segment_key,
        segment_name,
        segment_id is null as is_overall,

        ---------- what was done
        action,
        starts_on,
        ends_on,
        as_of,
        status,
        is_simulated,

        ---------- retention
        measured_treatment,
        measured_holdout,
        retained_treatment,
        retained_holdout,
        retention_treatment,
        retention_holdout,
        uplift,
        uplift_low,
        uplift_high,
        p_value,
        p_value_holm,
        anytime_low,
        anytime_high,

        ---------- revenue per customer
        mean_treatment as revenue_treatment,
        mean_holdout as revenue_holdout,
        revenue_uplift,
        revenue_standard_error,
        revenue_low,
        revenue_high,
        variance_left,
        critical_value,

        ---------- what it brought
        uplift * measured_treatment as incremental_customers,
        uplift_low * measured_treatment as incremental_customers_low,
        uplift_high * measured_treatment as incremental_customers_high,
        revenue_uplift * measured_treatment as incremental_revenue,
        spend,
        {{ limits.margin }} * revenue_uplift * measured_treatment - spend as profit,
        {{ limits.margin }} * revenue_low * measured_treatment - spend as profit_low,
        {{ limits.margin }} * revenue_high * measured_treatment - spend as profit_high,
        ({{ limits.margin }} * revenue_uplift * measured_treatment - spend) / nullif(spend, 0) as return_on_spend,

        ---------- can it be believed
        ratio_p_value,
        is_ratio_as_drawn,
        measured_detectable_uplift,
        case
            when not is_ratio_as_drawn then 'arms do not match'
            when is_shown_to_work then 'works'
            when is_shown_to_harm then 'harms'
            when coalesce(measured_detectable_uplift <= {{ limits.worthwhile_uplift }}, false) then 'no evidence'
            else 'too small to measure'
        end as verdict
    from judged

),

worded as (

    select
        *,
        case verdict
            when 'arms do not match'
                then
                    'The customers measured are not parted as they were drawn; find out whose outcomes are missing '
                    || 'before anything is read off'
            when 'works' then 'It keeps customers'
            when 'harms' then 'It loses customers'
            when 'no evidence' then 'It shows no effect, and one worth having would most likely have shown'
            else 'There are too few customers to tell'
        end
        || coalesce(
            ': ' || {{ plain_text('100 * retention_treatment', 1) }} || ' % stay against '
            || {{ plain_text('100 * retention_holdout', 1) }} || ' % of the hold-out, '
            || {{ plain_text('100 * uplift', 1) }} || ' points ('
            || {{ plain_text('100 * case when status = \'running\' then anytime_low else uplift_low end', 1) }}
            || ' to '
            || {{ plain_text('100 * case when status = \'running\' then anytime_high else uplift_high end', 1) }}
            || ')', ''
        )
        || case when status = 'running' then ', so far.' else '.' end
        || case when is_simulated then ' Simulated data.' else '' end as reading
    from results

)

select * from worded
