with

upgrades as (

    select
        ---------- ids
        segmentation,
        segment_id,
        target_segment_id as to_segment_id,
        feature,

        ---------- how many, and by how much
        count(*) as customers,
        {{ significant('avg(change)') }} as mean_change
    from {{ ref('upgrade_candidates') }}
    where nearness = 1
    group by segmentation, segment_id, target_segment_id, feature, change > 0

)

select * from upgrades
