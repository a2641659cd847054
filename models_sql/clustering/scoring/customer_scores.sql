-- Every customer against every centroid, written wide: the centroids become one row of columns, so no join
-- multiplies the customers. Unused slots stay null, and least() passes over nulls.
{%- set segmentations = var('segmentations') %}

with

customers as (

    select * from {{ ref('customer_features') }}

),

slotted as (

    select
        *,
        dense_rank() over (partition by segmentation order by segment_id) as slot
    from {{ ref('segment_centroids') }}

),

{% for segmentation in segmentations %}
{{ segmentation }}_model as (

    select {{ centroid_columns(segmentation) }}
    from slotted
    where segmentation = '{{ segmentation }}'

),
{% endfor %}

squared_distances as (

    select
        customers.*,
        {% for segmentation in segmentations -%}
        {%- set outer = loop -%}
        {%- set model = segmentation ~ '_model' -%}
        {% for slot in range(1, max_cluster_count(segmentation) + 1) -%}
        {{ model }}.id_{{ slot }} as {{ segmentation }}_id_{{ slot }},
        {{ model }}.reach_{{ slot }} as {{ segmentation }}_reach_{{ slot }},
        {{ squared_distance(segmentation, slot, 'customers', model) }}
            as {{ segmentation }}_{{ slot }}{{ ',' if not (loop.last and outer.last) }}
        {% endfor -%}
        {% endfor %}
    from customers
    {% for segmentation in segmentations -%}
    cross join {{ segmentation }}_model
    {% endfor %}

),

nearest as (

    select
        *,
        {% for segmentation in segmentations -%}
        least(
            {% for slot in range(1, max_cluster_count(segmentation) + 1) -%}
            {{ segmentation }}_{{ slot }}{{ ', ' if not loop.last }}
            {%- endfor %}
        ) as {{ segmentation }}_nearest{{ ',' if not loop.last }}
        {% endfor %}
    from squared_distances

),

assigned as (

    select
        *,
        {% for segmentation in segmentations -%}
        {%- set outer = loop -%}
        case {{ segmentation }}_nearest
            {% for slot in range(1, max_cluster_count(segmentation) + 1) -%}
            when {{ segmentation }}_{{ slot }} then {{ slot }}
            {% endfor -%}
        end as {{ segmentation }}_slot{{ ',' if not outer.last }}
        {% endfor %}
    from nearest

),

runners_up as (

    select
        *,
        {% for segmentation in segmentations -%}
        least(
            {% for slot in range(1, max_cluster_count(segmentation) + 1) -%}
            case when {{ segmentation }}_slot != {{ slot }} then {{ segmentation }}_{{ slot }} end
            {{- ', ' if not loop.last }}
            {% endfor %}
        ) as {{ segmentation }}_second{{ ',' if not loop.last }}
        {% endfor %}
    from assigned

),

scored as (

    select
        ---------- ids
        customer_id,

        ---------- attributes and features
        {% for name in customer_columns('category') -%}
        {{ name }},
        {% endfor -%}
        {% for name in customer_bands() -%}
        {{ name }},
        {% endfor -%}
        {% for name in numeric_features() -%}
        {{ name }},
        {% endfor -%}
        imputed_features,

        ---------- segments
        {% for segmentation in segmentations -%}
        {%- set outer = loop -%}
        {%- set slots = range(1, max_cluster_count(segmentation) + 1) -%}
        case {{ segmentation }}_slot
            {% for slot in slots -%}
            when {{ slot }} then {{ segmentation }}_id_{{ slot }}
            {% endfor -%}
        end as {{ segmentation }}_segment_id,
        sqrt({{ segmentation }}_nearest) as {{ segmentation }}_distance,
        case
            {% for slot in slots -%}
            when {{ segmentation }}_slot != {{ slot }} and {{ segmentation }}_{{ slot }} = {{ segmentation }}_second
                then {{ segmentation }}_id_{{ slot }}
            {% endfor -%}
        end as {{ segmentation }}_runner_up_segment_id,
        sqrt({{ segmentation }}_second) as {{ segmentation }}_runner_up_distance,
        sqrt({{ segmentation }}_nearest) > case {{ segmentation }}_slot
            {% for slot in slots -%}
            when {{ slot }} then {{ segmentation }}_reach_{{ slot }}
            {% endfor -%}
        end as {{ segmentation }}_is_outlier{{ ',' if not outer.last }}
        {% endfor %}
    from runners_up

)

select * from scored
