{#- Only relations without the database's name keep working in a copy of the file under another name. -#}
{%- set segmentation = var('segmentations') | list | first -%}
{%- set features = segmentation_features(segmentation) -%}
{%- set columns = scores(segmentation, 'typed') -%}
{{ config(materialized='query_function', meta={'arguments': features | list}) }}
with

customers as (

    select
        {% for feature, setting in features.items() -%}
        {% if setting.is_category -%}
        cast({{ feature }} as {{ dbt.type_string() }})
        {%- else -%}
        {{ within_range('cast(' ~ feature ~ ' as ' ~ type_double() ~ ')', numeric_ranges()[feature]) }}
        {%- endif %} as {{ feature }}
        {{- ',' if not loop.last }}
        {% endfor %}

),

{{ scoring_steps(segmentation, 'customers', ref('segment_centroids').include(database=false).render(), 'typed') }},

scored as (

    select
        {% for name, expression in columns.items() -%}
        {{ expression }} as {{ name }},
        {% endfor -%}
        -- By its bare name a feature would be the argument as it is given, out of range or not.
        concat_ws(
            ', ',
            {% for feature in features -%}
            case when typed_scored.{{ feature }} is null then '{{ feature }}' end{{ ',' if not loop.last }}
            {% endfor %}
        ) as imputed_features,
        concat_ws(
            ', ',
            {#- By rule no value is held. -#}
            {% for feature in (segmentation_numbers(segmentation) if not is_by_rules(segmentation) else []) -%}
            case when typed__{{ feature }} != typed__{{ feature }}__own then '{{ feature }}' end{{ ',' if not loop.last }}
            {% else -%}
            null
            {% endfor %}
        ) as clipped_features
    from typed_scored

)

select
    scored.segment_id,
    segments.segment_name,
    segments.nickname,
    scored.distance,
    scored.runner_up_segment_id,
    runners_up.segment_name as runner_up_segment_name,
    scored.runner_up_distance,
    1 - scored.distance / nullif(scored.runner_up_distance, 0) as margin,
    scored.is_outlier,
    scored.imputed_features,
    scored.clipped_features
from scored
inner join {{ ref('segments').include(database=false).render() }} as segments
    on segments.segmentation = '{{ segmentation }}' and scored.segment_id = segments.segment_id
left join {{ ref('segments').include(database=false).render() }} as runners_up
    on runners_up.segmentation = '{{ segmentation }}' and scored.runner_up_segment_id = runners_up.segment_id
