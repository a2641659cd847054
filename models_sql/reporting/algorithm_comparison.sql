with

compared as (

    select
        ---------- ids
        segmentation,
        algorithm,

        ---------- what it found
        clusters,
        noise_share,
        silhouette,
        agreement_with_champion,
        is_finding,
        cast(row_number() over (
            partition by segmentation
            order by silhouette desc nulls last, algorithm
        ) as integer) as place,
        reading
    from {{ ref('algorithm_scores') }}

)

select * from compared
