{% if segmentations_by('kmeans') %}
with

everyone as (

    select max(customers) as customers from {{ ref('feature_statistics') }}

),

drawn as (

    select * from {{ ref('statistics_sample') }}

),

weights as (

    select cast(max(everyone.customers) as {{ type_double() }}) / nullif(count(*), 0) as weight
    from drawn
    cross join everyone

),

{{ upgrade_steps('drawn') }},

nearest as (

    select
        *,
        row_number() over (
            partition by segmentation, customer_id
            order by effort, segment_id
        ) as nearness
    from ranked
    where choice = 1

),

upgrades as (

    select
        ---------- ids
        nearest.segmentation,
        nearest.segment_id,
        nearest.target_segment_id as to_segment_id,
        nearest.feature,

        ---------- how many, and by how much
        cast(round(count(*) * max(weights.weight)) as {{ dbt.type_bigint() }}) as customers,
        {{ significant('avg(nearest.change)') }} as mean_change,
        max(weights.weight) > 1 as is_estimate
    from nearest
    cross join weights
    where nearest.nearness = 1
    group by
        nearest.segmentation, nearest.segment_id, nearest.target_segment_id, nearest.feature, nearest.change > 0

)

select * from upgrades
{% else %}
select
    ---------- ids
    cast(null as {{ dbt.type_string() }}) as segmentation,
    cast(null as integer) as segment_id,
    cast(null as integer) as to_segment_id,
    cast(null as {{ dbt.type_string() }}) as feature,

    ---------- how many, and by how much
    cast(null as {{ dbt.type_bigint() }}) as customers,
    cast(null as {{ type_double() }}) as mean_change,
    cast(null as boolean) as is_estimate
from {{ ref('segments') }}
where false
{% endif %}
