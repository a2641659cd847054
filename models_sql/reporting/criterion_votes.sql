{%- set criteria = {'elbow': 'Elbow', 'silhouette': 'Silhouette', 'gap': 'Gap', 'stability': 'Stability'} -%}
with

counts as (

    select * from {{ ref('cluster_counts') }}

),

long_votes as (

    {% for criterion, label in criteria.items() -%}
    select
        segmentation,
        '{{ criterion }}' as criterion,
        {{ loop.index }} as criterion_order,
        '{{ label }}' as label,
        {{ criterion }}_vote as vote
    from counts
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

votes as (

    select
        ---------- ids
        segmentation,
        criterion,

        ---------- how to speak of the criterion
        cast(criterion_order as integer) as criterion_order,
        label,

        ---------- its vote
        vote
    from long_votes
    where vote is not null

)

select * from votes
