with

scores as (

    select * from {{ ref('cluster_count_scores') }}

),

ends as (

    select
        segmentation,
        min(n_clusters) as lowest_count,
        max(n_clusters) as highest_count,
        max(inertia) as highest_inertia,
        min(inertia) as lowest_inertia,
        max(gap) as highest_gap
    from scores
    group by segmentation

),

gap_tops as (

    select
        scores.segmentation,
        min(scores.gap - scores.gap_standard_error) as gap_floor
    from scores
    inner join ends on scores.segmentation = ends.segmentation and scores.gap = ends.highest_gap
    group by scores.segmentation

),

-- The knee is where the curve of inertia hangs lowest below the chord between its ends, both axes scaled to 0..1
-- (Satopaa, Albrecht, Irwin, Raghavan, "Finding a kneedle in a haystack", 2011).
judged as (

    select
        scores.segmentation,
        scores.n_clusters,
        1.0
        - (scores.n_clusters - ends.lowest_count) * 1.0 / nullif(ends.highest_count - ends.lowest_count, 0)
        - (scores.inertia - ends.lowest_inertia) / nullif(ends.highest_inertia - ends.lowest_inertia, 0)
            as knee_depth,
        scores.silhouette,
        scores.stability,
        scores.stability >= {{ var('reproducible_stability') }} as is_stable,
        scores.gap >= gap_tops.gap_floor as is_near_highest_gap
    from scores
    inner join ends on scores.segmentation = ends.segmentation
    left join gap_tops on scores.segmentation = gap_tops.segmentation

),

ranked as (

    select
        segmentation,
        n_clusters,
        row_number() over (
            partition by segmentation
            order by knee_depth desc nulls last, n_clusters
        ) as knee_rank,
        row_number() over (
            partition by segmentation
            order by silhouette desc nulls last, n_clusters
        ) as silhouette_rank,
        -- The fewest segments whose gap is within one standard error of the highest (Dudoit, Fridlyand, 2002).
        row_number() over (
            partition by segmentation
            order by case when is_near_highest_gap then 0 else 1 end, n_clusters
        ) as gap_rank,
        -- The most segments that bootstrap samples still reproduce, else the most reproducible.
        row_number() over (
            partition by segmentation
            order by
                case when is_stable then n_clusters end desc nulls last,
                stability desc nulls last,
                n_clusters
        ) as stability_rank
    from judged

),

votes as (

    select
        segmentation,
        'elbow' as criterion,
        n_clusters
    from ranked
    where knee_rank = 1

    union all

    select
        segmentation,
        'silhouette' as criterion,
        n_clusters
    from ranked
    where silhouette_rank = 1

    union all

    select
        segmentation,
        'gap' as criterion,
        n_clusters
    from ranked
    where gap_rank = 1

    union all

    select
        segmentation,
        'stability' as criterion,
        n_clusters
    from ranked
    where stability_rank = 1

),

counted as (

    select
        segmentation,
        n_clusters,
        count(*) as votes,
        max(case when criterion = 'silhouette' then 1 else 0 end) as has_silhouette
    from votes
    group by segmentation, n_clusters

),

-- Most votes win; among equals the one that has the silhouette's vote, then the fewest segments.
winners as (

    select
        segmentation,
        n_clusters,
        votes,
        row_number() over (
            partition by segmentation
            order by votes desc, has_silhouette desc, n_clusters
        ) as winner_rank
    from counted

),

by_segmentation as (

    select
        segmentation,
        max(case when criterion = 'elbow' then n_clusters end) as elbow_vote,
        max(case when criterion = 'silhouette' then n_clusters end) as silhouette_vote,
        max(case when criterion = 'gap' then n_clusters end) as gap_vote,
        max(case when criterion = 'stability' then n_clusters end) as stability_vote
    from votes
    group by segmentation

),

fixed_counts as (

    {% for segmentation, given in var('segmentations').items() -%}
    select
        '{{ segmentation }}' as segmentation,
        cast({{ given.get('n_clusters', 'null') }} as integer) as n_clusters
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

chosen as (

    select
        by_segmentation.segmentation,
        cast(coalesce(fixed_counts.n_clusters, winners.n_clusters) as integer) as n_clusters,
        cast(by_segmentation.elbow_vote as integer) as elbow_vote,
        cast(by_segmentation.silhouette_vote as integer) as silhouette_vote,
        cast(by_segmentation.gap_vote as integer) as gap_vote,
        cast(by_segmentation.stability_vote as integer) as stability_vote,
        cast(winners.votes as integer) as winning_votes,
        fixed_counts.n_clusters is not null as is_fixed,
        winners.n_clusters as voted_count
    from by_segmentation
    inner join winners
        on by_segmentation.segmentation = winners.segmentation and winners.winner_rank = 1
    inner join fixed_counts on by_segmentation.segmentation = fixed_counts.segmentation

),

argued as (

    select
        *,
        'The elbow of the inertia is at ' || elbow_vote
        || ', the silhouette is highest at ' || silhouette_vote
        || ', the gap statistic is first near its highest at ' || gap_vote
        || ', and bootstrap samples reproduce up to ' || stability_vote || '.' as evidence
    from chosen

),

reasoned as (

    select
        segmentation,
        n_clusters,
        elbow_vote,
        silhouette_vote,
        gap_vote,
        stability_vote,
        winning_votes,
        is_fixed,
        case
            when voted_count = 1
                then n_clusters || ' by default: too few distinct customers to compare numbers of segments.'
            when is_fixed
                then 'Fixed at ' || n_clusters || ' by the project; the scores would choose ' || voted_count
                    || '. ' || evidence
            else n_clusters || ' segments: ' || winning_votes || ' of 4 criteria agree. ' || evidence
        end as reason
    from argued

)

select * from reasoned
