{%- set criteria = {
    'inertia': ['Inertia', 'lower is tighter'],
    'silhouette': ['Silhouette', 'higher is better'],
    'separation': ['Gap between the nearest segments', 'higher is better'],
    'gap': ['Gap statistic', 'higher is better'],
    'stability': ['Stability over bootstrap samples', '1 is fully reproducible'],
    'davies_bouldin': ['Davies-Bouldin index', 'lower is better'],
    'calinski_harabasz': ['Calinski-Harabasz index', 'higher is better'],
    'smallest_share': ['Share of the smallest segment', 'too small is hard to act on'],
} -%}
with

scores as (

    select * from {{ ref('cluster_count_scores') }}

),

long_scores as (

    {% for criterion, (label, reading) in criteria.items() -%}
    select
        segmentation,
        '{{ criterion }}' as criterion,
        {{ loop.index }} as criterion_order,
        '{{ label }}' as label,
        '{{ reading }}' as reading,
        n_clusters,
        {{ criterion }} as score,
        {{ 'gap_standard_error' if criterion == 'gap' else 'cast(null as ' ~ type_double() ~ ')' }} as standard_error
    from scores
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

curves as (

    select
        ---------- ids
        segmentation,
        criterion,
        cast(n_clusters as integer) as n_clusters,

        ---------- how to speak of the criterion
        cast(criterion_order as integer) as criterion_order,
        label,
        reading,

        ---------- what it says of this number of segments
        score,
        standard_error
    from long_scores
    where score is not null

)

select * from curves
