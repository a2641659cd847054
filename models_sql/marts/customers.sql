{{ config(materialized='view') }}

with

scores as (

    select * from {{ ref('customer_scores') }}

),

segments as (

    select
        segments.segmentation,
        segments.segment_id,
        segments.segment_key,
        segments.segment_name,
        segments.nickname,
        actions.action as first_action
    from {{ ref('segments') }} as segments
    left join {{ ref('segment_marketing_actions') }} as actions
        on
            segments.segmentation = actions.segmentation
            and segments.segment_id = actions.segment_id
            and actions.priority = 1

),

customers as (

    select
        ---------- ids
        scores.customer_id,

        ---------- attributes
        {% for name in customer_columns('category').keys() | list + customer_bands() -%}
        scores.{{ name }},
        {% endfor %}

        ---------- numerics
        {% for name in numeric_features() -%}
        scores.{{ name }},
        {% endfor %}

        ---------- quality
        scores.imputed_features,
        {{ may_contact('scores') }} as may_contact,

        ---------- segments
        {% for segmentation in var('segmentations') -%}
        {% for feature in (segmentation_numbers(segmentation) if is_by_rules(segmentation) else []) -%}
        scores.{{ segmentation }}_{{ feature }}_score,
        {% endfor -%}
        scores.{{ segmentation }}_segment_id,
        {{ segmentation }}.segment_key as {{ segmentation }}_segment_key,
        {{ segmentation }}.segment_name as {{ segmentation }}_segment_name,
        {{ segmentation }}.nickname as {{ segmentation }}_nickname,
        case
            when {{ may_contact('scores') }} then {{ segmentation }}.first_action
        end as {{ segmentation }}_first_action{{ ',' if not loop.last }}
        {% endfor %}
    from scores
    {% for segmentation in var('segmentations') -%}
    left join segments as {{ segmentation }}
        on
            {{ segmentation }}.segmentation = '{{ segmentation }}'
            and scores.{{ segmentation }}_segment_id = {{ segmentation }}.segment_id
    {% endfor %}

)

select * from customers
