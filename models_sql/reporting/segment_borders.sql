with

borders as (

    select
        ---------- ids
        segmentation,
        segment_id,
        runner_up_segment_id,

        ---------- how many
        count(*) as customers,
        count(case when is_boundary then 1 end) as boundary_customers
    from {{ ref('customer_segments') }}
    where segment_id is not null and runner_up_segment_id is not null
    group by segmentation, segment_id, runner_up_segment_id

)

select * from borders
