{{ config(materialized='ephemeral') }}
-- What the history keeps of a customer: the segments, and where the champion before this build puts the customer
-- as it is today. That tells a customer who changed from a model that changed.
{%- set segmentations = var('segmentations') %}

with

scores as (

    select * from {{ ref('customer_scores') }}

),

incumbents as (

    select
        *,
        dense_rank() over (partition by segmentation order by segment_id) as slot
    from {{ ref('incumbent_centroids') }}

),

{% for segmentation, given in segmentations.items() %}
{{ segmentation }}_incumbent as (

    select
        {{ centroid_columns(segmentation) }},
        max(model_version) = (
            select max(champions.model_version)
            from {{ ref('segment_centroids') }} as champions
            where champions.segmentation = '{{ segmentation }}'
        ) as is_champion,
        count(distinct feature) = {{ given.features | length }} as is_comparable
    from incumbents
    where segmentation = '{{ segmentation }}'

),
{% endfor %}

segment_ids as (

    select
        scores.customer_id,
        {% for segmentation in segmentations -%}
        {%- set incumbent = segmentation ~ '_incumbent' -%}
        {%- set outer = loop -%}
        {%- set slots = range(1, max_cluster_count(segmentation) + 1) -%}
        cast(scores.{{ segmentation }}_segment_id as integer) as {{ segmentation }}_segment_id,
        cast(
            case
                when {{ incumbent }}.is_champion then scores.{{ segmentation }}_segment_id
                when {{ incumbent }}.is_comparable
                    then
                        case least(
                            {% for slot in slots -%}
                            {{ squared_distance(segmentation, slot, 'scores', incumbent) }}{{ ',' if not loop.last }}
                            {% endfor %}
                        )
                            {% for slot in slots -%}
                            when {{ squared_distance(segmentation, slot, 'scores', incumbent) }}
                                then {{ incumbent }}.id_{{ slot }}
                            {% endfor -%}
                        end
            end as integer
        ) as {{ segmentation }}_former_model_segment_id{{ ',' if not outer.last }}
        {% endfor %}
    from scores
    {% for segmentation in segmentations -%}
    cross join {{ segmentation }}_incumbent
    {% endfor %}

)

select * from segment_ids
