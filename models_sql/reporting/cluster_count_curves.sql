{%- set criteria = {
    'inertia': ['Inertia', 'lower is tighter'],
    'silhouette': ['Silhouette', 'higher is better'],
    'separation': ['Gap between the nearest segments', 'the most segments that have one win'],
    'gap': ['Gap statistic', 'the first that the next does not beat wins'],
    'stability': ['Stability over bootstrap samples', 'near 1 is reproducible, the most win'],
    'davies_bouldin': ['Davies-Bouldin index', 'lower is better'],
    'calinski_harabasz': ['Calinski-Harabasz index', 'higher is better'],
    'smallest_share': ['Share of the smallest segment', 'too small is hard to act on'],
} -%}
with

scores as (

    select * from {{ ref('cluster_count_scores') }}

),

criteria as (

    {% for criterion, (label, reading) in criteria.items() -%}
    select
        '{{ criterion }}' as criterion,
        {{ loop.index }} as criterion_order,
        '{{ label }}' as label,
        '{{ reading }}' as reading
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

standard_errors as (

    select
        segmentation,
        n_clusters,
        'gap' as criterion,
        value as standard_error
    from scores
    where score = 'gap_standard_error'

),

curves as (

    select
        ---------- ids
        scores.segmentation,
        criteria.criterion,
        cast(scores.n_clusters as integer) as n_clusters,

        ---------- how to speak of the criterion
        cast(criteria.criterion_order as integer) as criterion_order,
        criteria.label,
        criteria.reading,

        ---------- what it says of this number of segments
        scores.value as score,
        standard_errors.standard_error
    from scores
    inner join criteria on scores.score = criteria.criterion
    left join standard_errors
        on
            scores.segmentation = standard_errors.segmentation
            and scores.n_clusters = standard_errors.n_clusters
            and criteria.criterion = standard_errors.criterion

)

select * from curves
