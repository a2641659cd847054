{%- set limits = var('campaigns') %}
with

actions as (

    select * from {{ ref('segment_marketing_actions') }}

),

counts as (

    select * from {{ ref('campaign_counts') }}
    where kind = 'segment'

),

statistics as (

    select * from {{ ref('campaign_statistics') }}
    where kind = 'segment'

),

measurability as (

    select
        ---------- ids
        actions.segmentation,
        actions.segment_id,
        actions.segment_key,
        actions.action_id,
        actions.segment_name,
        actions.priority,

        ---------- the action
        actions.action,
        actions.kpi,
        actions.needs_holdout,

        ---------- what a test of it could show
        counts.treatment + counts.holdout as contactable_customers,
        counts.baseline,
        counts.is_baseline_simulated as is_simulated,
        statistics.detectable_uplift,
        cast(statistics.customers_needed as bigint) as customers_needed,
        coalesce(statistics.detectable_uplift <= {{ limits.worthwhile_uplift }}, false) as is_measurable,
        case
            when statistics.detectable_uplift <= {{ limits.worthwhile_uplift }} then 'measurable'
            else 'too small to measure'
        end as label
    from actions
    inner join counts on actions.segmentation = counts.segmentation and actions.segment_id = counts.segment_id
    inner join statistics
        on actions.segmentation = statistics.segmentation and actions.segment_id = statistics.segment_id

)

select * from measurability
