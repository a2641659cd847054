with

results as (

    select * from {{ ref('campaign_results') }}
    where not is_overall

),

facts as (

    select
        ---------- ids
        campaign || ' ' || segment_id as campaign_segment_key,
        segment_key,

        ---------- attributes
        campaign,
        verdict,
        is_simulated,

        ---------- numerics
        measured_treatment,
        retained_treatment,
        measured_holdout,
        retained_holdout,
        incremental_customers,
        incremental_revenue,
        spend,
        profit,

        ---------- dates
        ends_on
    from results

)

select * from facts
