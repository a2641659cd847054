-- Covers all nine names of the plan, and below them the segments that bear one.
with

planned as (

    select
        names.segment_name,
        count(distinct actions.action) as actions
    from {{ ref('segment_names') }} as names
    left join {{ ref('marketing_actions') }} as actions on names.segment_name = actions.segment_name
    group by names.segment_name

),

delivered as (

    select
        segments.segmentation || ': ' || segments.segment_name as segment_name,
        count(distinct actions.action) as actions
    from {{ ref('segments') }} as segments
    inner join {{ ref('segment_names') }} as names on segments.base_name = names.segment_name
    left join {{ ref('segment_marketing_actions') }} as actions
        on segments.segmentation = actions.segmentation and segments.segment_id = actions.segment_id
    group by segments.segmentation, segments.segment_name

),

counted as (

    select * from planned
    union all
    select * from delivered

)

select * from counted
where actions < 3
