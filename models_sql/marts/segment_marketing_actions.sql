with

segments as (

    select * from {{ ref('segments') }}

),

actions as (

    select * from {{ ref('marketing_actions') }}

),

planned as (

    select
        ---------- ids
        segments.segmentation,
        segments.segment_id,
        segments.segment_name,
        cast(actions.priority as integer) as priority,

        ---------- what to do
        actions.objective,
        actions.action,
        actions.channel,
        actions.offer,
        actions.kpi,
        actions.cadence,

        ---------- whom it reaches
        segments.customers
    from segments
    inner join actions on segments.base_name = actions.segment_name

)

select * from planned
