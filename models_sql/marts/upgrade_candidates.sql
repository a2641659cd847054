{{ config(materialized='view') }}
{#- By rule there are no distances to take a step in. -#}
{%- set segmentations = segmentations_by('kmeans') -%}
{%- set features = [] -%}
{%- for segmentation in segmentations -%}
    {%- do features.extend(segmentation_numbers(segmentation) | reject('in', features)) -%}
{%- endfor -%}
{%- set measured = numeric_features() -%}
{%- set tenth_inside = '(case when change > 0 then ceil(10 * new_value) else floor(10 * new_value) end / 10)' %}
{% if segmentations %}
with

{{ upgrade_steps(ref('customer_features')) }},

-- Text is made last, so that a query that does not ask for it does not pay for it. The new value is rounded to the
-- tenth inside the target.
worded as (

    select
        *,
        case feature
            {% for feature in features -%}
            when '{{ feature }}'
                then {{ sql_text(measured[feature].label) }}
                    || case when change > 0 then ' up ' else ' down ' end
                    || {{ measured_text(feature, 'abs(change)', named=false) }} || ' to '
                    || {{ measured_text(feature, tenth_inside, named=false) }}
            {% endfor -%}
        end as change_in_words
    from ranked
    where choice = 1

),

candidates as (

    select
        ---------- ids
        segmentation,
        customer_id,
        cast(target_segment_id as integer) as target_segment_id,
        cast(segment_id as integer) as segment_id,
        {{ segment_key(segment_id='target_segment_id') }} as target_segment_key,
        {{ segment_key() }} as segment_key,

        ---------- from where to where
        own_segment_name as segment_name,
        target_segment_name,
        value_rank as target_value_rank,

        ---------- the smallest change that moves the customer there
        feature,
        current_value,
        {{ significant('new_value') }} as new_value,
        {{ significant('change') }} as change,
        {{ significant('effort') }} as effort,
        cast(row_number() over (
            partition by segmentation, customer_id
            order by effort, target_segment_id
        ) as integer) as nearness,
        upper(substr(change_in_words, 1, 1)) || substr(change_in_words, 2)
        || ' reaches ' || target_segment_name || '.' as suggestion
    from worded

)

select * from candidates
{% else %}
select
    ---------- ids
    cast(null as {{ dbt.type_string() }}) as segmentation,
    cast(null as {{ dbt.type_string() }}) as customer_id,
    cast(null as integer) as target_segment_id,
    cast(null as integer) as segment_id,
    cast(null as {{ dbt.type_string() }}) as target_segment_key,
    cast(null as {{ dbt.type_string() }}) as segment_key,

    ---------- from where to where
    cast(null as {{ dbt.type_string() }}) as segment_name,
    cast(null as {{ dbt.type_string() }}) as target_segment_name,
    cast(null as integer) as target_value_rank,

    ---------- the smallest change that moves the customer there
    cast(null as {{ dbt.type_string() }}) as feature,
    cast(null as {{ type_double() }}) as current_value,
    cast(null as {{ type_double() }}) as new_value,
    cast(null as {{ type_double() }}) as change,
    cast(null as {{ type_double() }}) as effort,
    cast(null as integer) as nearness,
    cast(null as {{ dbt.type_string() }}) as suggestion
from {{ ref('segments') }}
where false
{% endif %}
