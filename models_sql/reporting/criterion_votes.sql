with

votes as (

    select
        ---------- ids
        segmentation,
        criterion,

        ---------- how to speak of the criterion
        criterion_order,
        label,

        ---------- its vote
        vote,
        clearness,
        evidence
    from {{ ref('cluster_count_votes') }}
    where vote is not null

)

select * from votes
