{{ config(materialized='view') }}
{%- set segmentations = var('segmentations') | list %}
with

changes as (

    select * from {{ ref('segment_changes') }}

),

first_build as (

    select min(build_number) as build_number from changes

),

-- Most customers have but the row of the first build, so only later rows are put in order.
later as (

    select
        changes.customer_id,
        changes.build_number,
        changes.seen_at,
        row_number() over (partition by changes.customer_id order by changes.build_number) as nth_later,
        lead(changes.seen_at) over (partition by changes.customer_id order by changes.build_number) as next_seen_at
    from changes
    cross join first_build
    where changes.build_number > first_build.build_number

),

ended as (

    select
        changes.*,
        case when changes.build_number = first_build.build_number then following.seen_at else own.next_seen_at end
            as valid_to
    from changes
    cross join first_build
    left join later as following
        on changes.customer_id = following.customer_id and following.nth_later = 1
    left join later as own
        on changes.customer_id = own.customer_id and changes.build_number = own.build_number

),

history as (

    select
        ---------- ids
        customer_id,

        ---------- the segments of the period
        {% for segmentation in segmentations -%}
        {{ segmentation }}_segment_id,
        {{ segment_key("'" ~ segmentation ~ "'", segmentation ~ '_segment_id') }} as {{ segmentation }}_segment_key,
        {{ segmentation }}_former_model_segment_id,
        {% endfor %}

        ---------- the period
        build_number,
        seen_at as valid_from,
        valid_to
    from ended
    where event != 'left'

)

select * from history
