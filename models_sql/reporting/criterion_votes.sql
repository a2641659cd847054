with

-- The order in which the page shows them; one that is not listed yet comes last, under its own name.
labels as (

    select 'separation' as criterion, 1 as criterion_order, 'Gaps' as label
    union all
    select 'silhouette' as criterion, 2 as criterion_order, 'Silhouette' as label
    union all
    select 'gap' as criterion, 3 as criterion_order, 'Gap statistic' as label
    union all
    select 'stability' as criterion, 4 as criterion_order, 'Stability' as label
    union all
    select 'elbow' as criterion, 5 as criterion_order, 'Elbow' as label

),

votes as (

    select
        ---------- ids
        votes.segmentation,
        votes.criterion,

        ---------- how to speak of the criterion
        coalesce(labels.criterion_order, 100) as criterion_order,
        coalesce(labels.label, upper(substr(votes.criterion, 1, 1)) || substr(votes.criterion, 2)) as label,

        ---------- its vote
        votes.vote,
        votes.clearness,
        votes.evidence
    from {{ ref('cluster_count_votes') }} as votes
    left join labels on votes.criterion = labels.criterion
    where votes.vote is not null

)

select * from votes
