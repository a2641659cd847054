{#- Without gaps more segments only cut finer, and few teams keep a plan for more than five. -#}
{%- set most_bands = 5 -%}
with

scores as (

    select
        segmentation,
        n_clusters,
        max(case when score = 'silhouette' then value end) as silhouette,
        max(case when score = 'stability' then value end) as stability,
        max(case when score = 'valley' then value end) as valley
    from {{ ref('cluster_count_scores') }}
    group by segmentation, n_clusters

),

votes as (

    select * from {{ ref('cluster_count_votes') }}

),

fixed_counts as (

    {% for segmentation, declared in var('segmentations').items() -%}
    select
        '{{ segmentation }}' as segmentation,
        cast({{ declared.get('n_clusters', 'null') }} as integer) as n_clusters
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

-- Gaps decide, because only they tell groups from bands. The other criteria say what speaks for the choice.
natural_counts as (

    select
        segmentation,
        vote as n_clusters
    from votes
    where criterion = 'separation'

),

-- Bands should at least come out alike in every build: the most that bootstrap samples reproduce, else the most
-- reproducible.
bands as (

    select
        segmentation,
        n_clusters,
        stability,
        stability >= {{ var('reproducible_stability') }} as is_reproducible,
        row_number() over (
            partition by segmentation
            order by
                case when n_clusters <= {{ [most_bands, var('cluster_counts').min] | max }} then 0 else 1 end,
                case when stability >= {{ var('reproducible_stability') }} then n_clusters end desc nulls last,
                stability desc nulls last,
                n_clusters
        ) as band_rank
    from scores

),

chosen as (

    select
        bands.segmentation,
        natural_counts.n_clusters is not null as is_natural,
        fixed_counts.n_clusters is not null as is_fixed,
        cast(coalesce(natural_counts.n_clusters, bands.n_clusters) as integer) as scored_count,
        cast(coalesce(fixed_counts.n_clusters, natural_counts.n_clusters, bands.n_clusters) as integer) as n_clusters,
        bands.is_reproducible as has_reproducible_bands
    from bands
    inner join fixed_counts on bands.segmentation = fixed_counts.segmentation
    left join natural_counts on bands.segmentation = natural_counts.segmentation
    where bands.band_rank = 1

),

supported as (

    select
        scores.segmentation,
        cast(scores.n_clusters as integer) as n_clusters,
        scores.silhouette,
        count(votes.vote) as voting
    from scores
    left join votes on scores.segmentation = votes.segmentation and scores.n_clusters = votes.vote
    group by scores.segmentation, scores.n_clusters, scores.silhouette

),

-- The number with the most votes of the rest; among equals the one of the best silhouette.
runners_up as (

    select
        supported.segmentation,
        supported.n_clusters,
        row_number() over (
            partition by supported.segmentation
            order by supported.voting desc, supported.silhouette desc nulls last, supported.n_clusters
        ) as runner_up_rank
    from supported
    inner join chosen
        on supported.segmentation = chosen.segmentation and supported.n_clusters != chosen.scored_count

),

opinions as (

    select
        chosen.segmentation,
        count(votes.vote) as voting,
        sum(case when votes.vote = chosen.scored_count then 1 else 0 end) as agreeing
    from chosen
    left join votes on chosen.segmentation = votes.segmentation and votes.criterion != 'separation'
    group by chosen.segmentation

),

measured as (

    select
        chosen.*,
        runners_up.n_clusters as runner_up_count,
        opinions.voting,
        opinions.agreeing,
        1.0 - own.valley as clearness,
        cast({{ rounded('100.0 * own.stability') }} as integer) as stability_percent,
        cast({{ rounded('100.0 * (1.0 - scored.valley)') }} as integer) as emptiness_percent,
        cast({{ rounded('100.0 * scored.stability') }} as integer) as scored_stability_percent
    from chosen
    inner join opinions on chosen.segmentation = opinions.segmentation
    left join runners_up on chosen.segmentation = runners_up.segmentation and runners_up.runner_up_rank = 1
    left join scores as own on chosen.segmentation = own.segmentation and chosen.n_clusters = own.n_clusters
    left join scores as scored
        on chosen.segmentation = scored.segmentation and chosen.scored_count = scored.n_clusters

),

argued as (

    select
        *,
        case
            when is_natural
                then
                    scored_count || ' natural groups, the most with a gap between every two of them; even the least'
                    || ' clear gap is ' || emptiness_percent || ' % empty, which is '
                    || case when emptiness_percent >= 90 then 'very clear' else 'clear' end || '.'
            else
                'No natural groups: no number of segments that was tried leaves gaps between all of them, so'
                || ' segments are bands of customers, not groups. ' || scored_count || ' are '
                || case
                    when has_reproducible_bands
                        then 'the most, up to {{ most_bands }}, that bootstrap samples reproduce'
                    else 'the most reproducible number up to {{ most_bands }}'
                end
                || ' (they agree to ' || scored_stability_percent || ' of 100 beyond chance).'
        end
        || case
            when voting = 0 then ' No other criterion has an opinion.'
            else ' Of the other criteria ' || voting || case when voting = 1 then ' votes, ' else ' vote, ' end
                || agreeing || ' for this number.'
        end
        || coalesce(' The runner-up is ' || runner_up_count || '.', '') as evidence
    from measured

),

reasoned as (

    select
        segmentation,
        n_clusters,
        is_natural,
        is_fixed,
        runner_up_count,
        clearness,
        case
            when scored_count = 1
                then n_clusters || ' by default: too few distinct customers to compare numbers of segments.'
            when is_fixed
                then 'Fixed at ' || n_clusters || ' by the project; the scores would choose ' || scored_count
                    || '. ' || evidence
            else evidence
        end as reason
    from argued

)

select * from reasoned
