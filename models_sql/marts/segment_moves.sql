{{ config(materialized='view') }}
-- Who moved between segments, and why. The first build moves nobody: it is where the history begins.
{%- set segmentations = var('segmentations') | list %}
with

changes as (

    select * from {{ ref('segment_changes') }}

),

first_build as (

    select min(build_number) as build_number from changes

),

-- Only customers with a later row ever moved.
moved_customers as (

    select distinct changes.customer_id
    from changes
    cross join first_build
    where changes.build_number > first_build.build_number

),

by_segmentation as (

    {% for segmentation in segmentations -%}
    select
        '{{ segmentation }}' as segmentation,
        changes.build_number,
        changes.seen_at,
        changes.customer_id,
        changes.event,
        changes.{{ segmentation }}_segment_id as segment_id,
        changes.{{ segmentation }}_cause as cause
    from changes
    inner join moved_customers on changes.customer_id = moved_customers.customer_id
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

sequenced as (

    select
        *,
        lag(segment_id) over (partition by segmentation, customer_id order by build_number) as former_segment_id
    from by_segmentation

),

moved as (

    select
        sequenced.segmentation,
        sequenced.customer_id,
        sequenced.build_number,
        sequenced.seen_at as moved_at,
        case when sequenced.event != 'joined' then sequenced.former_segment_id end as from_segment_id,
        case when sequenced.event != 'left' then sequenced.segment_id end as to_segment_id,
        case sequenced.event
            when 'joined' then 'customer joined'
            when 'left' then 'customer left'
            else sequenced.cause
        end as cause
    from sequenced
    cross join first_build
    where
        sequenced.build_number > first_build.build_number
        and (sequenced.event != 'changed' or sequenced.cause is not null)

),

moves as (

    select
        ---------- ids
        segmentation,
        customer_id,
        build_number,
        from_segment_id,
        to_segment_id,
        {{ segment_key('segmentation', 'from_segment_id') }} as from_segment_key,
        {{ segment_key('segmentation', 'to_segment_id') }} as to_segment_key,

        ---------- what happened
        moved_at,
        cause
    from moved
    where from_segment_id is not null or to_segment_id is not null

)

select * from moves
