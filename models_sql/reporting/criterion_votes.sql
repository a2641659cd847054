{%- set criteria = {
    'separation': 'Gaps',
    'silhouette': 'Silhouette',
    'gap': 'Gap statistic',
    'stability': 'Stability',
    'elbow': 'Elbow',
} -%}
with

-- The order in which the page shows them; one that is not listed here comes last, under its own name.
labels as (

    {% for criterion, label in criteria.items() -%}
    select
        '{{ criterion }}' as criterion,
        {{ loop.index }} as criterion_order,
        '{{ label }}' as label
    {{ 'union all' if not loop.last }}
    {% endfor %}

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
