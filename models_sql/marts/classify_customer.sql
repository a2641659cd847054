{#- Only relations without the database's name keep working in a copy of the file under another name. -#}
{%- set segmentation, given = (var('segmentations').items() | list)[0] -%}
{{ config(materialized='query_function', meta={'arguments': given.features | list}) }}

with

squared_distances as (

    select
        segment_id,
        count(*) as features,
        sum(
            power(
                (
                    case feature
                        {% for feature in given.features -%}
                        when '{{ feature }}' then {{ feature }}
                        {% endfor -%}
                    end
                    - center
                ) / scale, 2
            )
        ) as squared_distance
    from {{ ref('segment_profiles').include(database=false).render() }}
    where segmentation = '{{ segmentation }}' and center is not null
    group by segment_id

),

ranked as (

    select
        distances.segment_id,
        segments.segment_name,
        segments.nickname,
        sqrt(distances.squared_distance) as distance,
        row_number() over (order by distances.squared_distance, distances.segment_id) as nearness
    from squared_distances as distances
    inner join {{ ref('segments').include(database=false).render() }} as segments
        on segments.segmentation = '{{ segmentation }}' and distances.segment_id = segments.segment_id

)

select
    nearest.segment_id,
    nearest.segment_name,
    nearest.nickname,
    nearest.distance,
    runner_up.segment_id as runner_up_segment_id,
    runner_up.segment_name as runner_up_segment_name,
    runner_up.distance as runner_up_distance,
    1 - nearest.distance / nullif(runner_up.distance, 0) as margin
from ranked as nearest
left join ranked as runner_up on runner_up.nearness = 2
where nearest.nearness = 1
