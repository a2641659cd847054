{#- Two groups are apart when their centers are this many standard deviations from one another, and the fall of density
    between them is this many standard errors and leaves at most this share of the lower peak. All three were set on
    tables with known groups and without any; docs/method.md says how often they are right. -#}
{%- set far_apart, surely_apart, mostly_empty = 435e-2, 125e-2, 35e-2 -%}
{#- The elbow bends when a step takes this much more off the inertia than the next. -#}
{%- set bend = 1e-1 -%}
{%- set criteria = {
    'separation': 'Gaps',
    'silhouette': 'Silhouette',
    'gap': 'Gap statistic',
    'stability': 'Stability',
    'elbow': 'Elbow',
} -%}
{#- Kaufman, Rousseeuw, "Finding Groups in Data" (1990): no substantial structure at or below this silhouette. -#}
{%- set some_structure = 25e-2 -%}
{%- set read = [
    'inertia', 'explained', 'silhouette', 'gap', 'gap_standard_error', 'stability', 'separation', 'valley',
    'center_distance',
] -%}
-- A vote for a number never depends on higher numbers that lose, so a wider range changes nothing unless a number
-- beyond wins. Who cannot tell a best number from the end of the range abstains.
with

scores as (

    select
        segmentation,
        n_clusters,
        {% for score in read -%}
        max(case when score = '{{ score }}' then value end) as {{ score }}{{ ',' if not loop.last }}
        {% endfor %}
    from {{ ref('cluster_count_scores') }}
    group by segmentation, n_clusters

),

ends as (

    select
        segmentation,
        min(n_clusters) as lowest_count,
        max(n_clusters) as highest_count
    from scores
    group by segmentation

),

-- A single cluster is no candidate, but its inertia follows from what two of them explain.
singles as (

    select
        segmentation,
        inertia / nullif(1.0 - explained, 0) as inertia
    from scores
    where n_clusters = 2

),

compared as (

    select
        scores.segmentation,
        scores.n_clusters,
        scores.n_clusters = ends.highest_count as is_last,
        scores.silhouette,
        scores.stability,
        scores.separation,
        scores.valley,
        scores.center_distance,
        1.0 - scores.inertia / nullif(coalesce(fewer.inertia, singles.inertia), 0) as saved,
        1.0 - more.inertia / nullif(scores.inertia, 0) as saved_next,
        scores.gap - (more.gap - more.gap_standard_error) as gap_lead,
        more.gap_standard_error as gap_error,
        more.stability as stability_next
    from scores
    inner join ends on scores.segmentation = ends.segmentation
    left join scores as more
        on scores.segmentation = more.segmentation and scores.n_clusters + 1 = more.n_clusters
    left join scores as fewer
        on scores.segmentation = fewer.segmentation and scores.n_clusters - 1 = fewer.n_clusters
    left join singles on scores.segmentation = singles.segmentation and scores.n_clusters = 2

),

-- What each criterion makes of each number: whether it may win, and what ranks it among those that may.
judged as (

    select
        segmentation,
        'separation' as criterion,
        n_clusters,
        center_distance >= {{ far_apart }}
        and separation >= {{ surely_apart }}
        and valley <= {{ mostly_empty }} as is_eligible,
        cast(n_clusters as {{ type_double() }}) as merit,
        1.0 - valley as clearness,
        false as is_undecided
    from compared

    union all

    -- Where customers are on average nearest to their own segment compared with the next.
    select
        segmentation,
        'silhouette' as criterion,
        n_clusters,
        silhouette > {{ some_structure }} as is_eligible,
        silhouette as merit,
        silhouette as clearness,
        is_last as is_undecided
    from compared

    union all

    -- The fewest segments whose gap the next number does not beat by a standard error (Tibshirani, Walther, Hastie,
    -- 2001). This rule looks at neighbors alone, where one about the highest gap would look at the whole range.
    select
        segmentation,
        'gap' as criterion,
        n_clusters,
        gap_lead >= 0 as is_eligible,
        -cast(n_clusters as {{ type_double() }}) as merit,
        least(1.0, gap_lead / nullif(2.0 * gap_error, 0)) as clearness,
        false as is_undecided
    from compared

    union all

    -- The most segments that bootstrap samples still reproduce.
    select
        segmentation,
        'stability' as criterion,
        n_clusters,
        stability >= {{ var('reproducible_stability') }} as is_eligible,
        cast(n_clusters as {{ type_double() }}) as merit,
        greatest(0.0, stability - stability_next) as clearness,
        is_last as is_undecided
    from compared

    union all

    -- Where the curve of inertia bends most: the step to this number takes much more off than the step beyond.
    select
        segmentation,
        'elbow' as criterion,
        n_clusters,
        saved - saved_next >= {{ bend }} as is_eligible,
        saved - saved_next as merit,
        saved - saved_next as clearness,
        false as is_undecided
    from compared

),

ranked as (

    select
        *,
        row_number() over (
            partition by segmentation, criterion
            order by case when is_eligible then 0 else 1 end, merit desc nulls last, n_clusters
        ) as merit_rank
    from judged

),

tops as (

    select
        segmentation,
        criterion,
        max(case when merit_rank = 1 and is_eligible then n_clusters end) as top_count,
        max(case when merit_rank = 1 and is_eligible then clearness end) as top_clearness,
        max(case when merit_rank = 1 and is_eligible and is_undecided then 1 else 0 end) as is_at_the_end,
        max(case when merit_rank = 2 and is_eligible then n_clusters end) as runner_up_count
    from ranked
    group by segmentation, criterion

),

voted as (

    select
        tops.segmentation,
        tops.criterion,
        case when tops.is_at_the_end = 0 then cast(tops.top_count as integer) end as vote,
        case when tops.is_at_the_end = 0 then cast(tops.runner_up_count as integer) end as runner_up_count,
        case when tops.is_at_the_end = 0 then tops.top_clearness end as clearness,
        tops.is_at_the_end = 1 as is_at_the_end,
        cast(tops.top_count as integer) as top_count,
        cast(ends.lowest_count as integer) as lowest_count,
        cast(ends.highest_count as integer) as highest_count,
        cast({{ rounded('100.0 * at_top.silhouette') }} as integer) as silhouette_percent,
        cast({{ rounded('100.0 * at_top.stability') }} as integer) as stability_percent,
        cast({{ rounded('100.0 * at_top.valley') }} as integer) as valley_percent,
        cast({{ rounded('100.0 * at_top.saved') }} as integer) as saved_percent,
        cast({{ rounded('100.0 * at_top.saved_next') }} as integer) as saved_next_percent
    from tops
    inner join ends on tops.segmentation = ends.segmentation
    left join compared as at_top
        on tops.segmentation = at_top.segmentation and tops.top_count = at_top.n_clusters

),

explained as (

    select
        ---------- ids
        segmentation,
        criterion,

        ---------- how to speak of the criterion
        case criterion
            {% for criterion in criteria -%}
            when '{{ criterion }}' then {{ loop.index }}
            {% endfor %}
        end as criterion_order,
        case criterion
            {% for criterion, label in criteria.items() -%}
            when '{{ criterion }}' then '{{ label }}'
            {% endfor %}
        end as label,

        ---------- its vote
        vote,
        runner_up_count,
        clearness,
        case
            when criterion = 'separation' and vote is null
                then 'Abstains: no number of segments from ' || lowest_count || ' to ' || highest_count
                    || ' has a gap between every two of them.'
            when criterion = 'separation'
                then vote || ' is the most with a gap between every two segments: where the least separate two meet, '
                    || valley_percent || ' % of the density of the thinner one is left.'
            when criterion = 'silhouette' and is_at_the_end
                then 'Abstains: the silhouette is highest at ' || top_count || ', the end of what was tried.'
            when criterion = 'silhouette' and vote is null
                then 'Abstains: no silhouette is above ' || {{ (100 * some_structure) | int }} || ' of 100.'
            when criterion = 'silhouette'
                then 'The silhouette is highest at ' || vote || ', with ' || silhouette_percent || ' of 100.'
            when criterion = 'gap' and vote is null
                then 'Abstains: the gap statistic rises with every number up to ' || highest_count || '.'
            when criterion = 'gap'
                then vote || ' is the first number whose gap statistic the next does not beat by a standard error.'
            when criterion = 'stability' and is_at_the_end
                then 'Abstains: bootstrap samples reproduce even ' || top_count || ', the end of what was tried.'
            when criterion = 'stability' and vote is null
                then 'Abstains: bootstrap samples reproduce no number to '
                    || {{ (100 * var('reproducible_stability')) | round | int }} || ' of 100.'
            when criterion = 'stability'
                then vote || ' is the most that bootstrap samples reproduce: they agree to ' || stability_percent
                    || ' of 100 beyond chance.'
            when criterion = 'elbow' and vote is null
                then 'Abstains: the curve of inertia has no clear bend.'
            when criterion = 'elbow'
                then 'The curve of inertia bends at ' || vote || ': the step to it saves ' || saved_percent
                    || ' %, the next ' || saved_next_percent || ' %.'
        end as evidence
    from voted

)

select * from explained
