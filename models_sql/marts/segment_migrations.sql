-- Only the customers whose row in the history ever changed are looked at; all others are as the first build saw them.
-- Until a snapshot has been taken, which `dbt run` does not do, there is no history and nobody has moved.
{%- set recorded = ref('segment_history') -%}
{#- A unit test hands in a CTE. -#}
{%- set is_recorded = not execute or recorded.is_cte or load_relation(recorded) %}

with

history as (

    {% if is_recorded -%}
    select * from {{ recorded }}
    {%- else -%}
    select
        cast(null as {{ dbt.type_string() }}) as customer_id,
        cast(null as {{ dbt.type_timestamp() }}) as valid_from,
        {% for segmentation in var('segmentations') -%}
        cast(null as integer) as {{ segmentation }}_segment_id,
        cast(null as integer) as {{ segmentation }}_former_model_segment_id,
        {% endfor -%}
        cast(null as {{ dbt.type_timestamp() }}) as valid_to
    where false
    {%- endif %}

),

first_build as (

    select min(valid_from) as first_seen_at from history

),

changed as (

    select history.*
    from history
    cross join first_build
    where history.valid_to is not null or history.valid_from > first_build.first_seen_at

),

by_segmentation as (

    {% for segmentation in var('segmentations') -%}
    select
        '{{ segmentation }}' as segmentation,
        customer_id,
        valid_from,
        valid_to,
        {{ segmentation }}_segment_id as segment_id,
        {{ segmentation }}_former_model_segment_id as former_model_segment_id
    from changed
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

sequenced as (

    select
        *,
        row_number() over (partition by segmentation, customer_id order by valid_from) as period,
        lag(segment_id) over (partition by segmentation, customer_id order by valid_from) as former_segment_id,
        row_number() over (partition by segmentation, customer_id order by valid_from desc) as recency
    from by_segmentation

),

moves as (

    select
        segmentation,
        valid_from as moved_at,
        former_segment_id as from_segment_id,
        segment_id as to_segment_id,
        case when former_model_segment_id = segment_id then 'customer changed' else 'model changed' end as cause
    from sequenced
    where segment_id != former_segment_id

    union all

    select
        sequenced.segmentation,
        sequenced.valid_from as moved_at,
        cast(null as integer) as from_segment_id,
        sequenced.segment_id as to_segment_id,
        'customer joined' as cause
    from sequenced
    cross join first_build
    where sequenced.period = 1 and sequenced.valid_from > first_build.first_seen_at

    union all

    select
        segmentation,
        valid_to as moved_at,
        segment_id as from_segment_id,
        cast(null as integer) as to_segment_id,
        'customer left' as cause
    from sequenced
    where recency = 1 and valid_to is not null

),

counted as (

    select
        segmentation,
        moved_at,
        from_segment_id,
        to_segment_id,
        cause,
        count(*) as customers
    from moves
    group by segmentation, moved_at, from_segment_id, to_segment_id, cause

),

migrations as (

    select
        ---------- ids
        counted.segmentation,
        counted.moved_at,
        counted.from_segment_id,
        counted.to_segment_id,

        ---------- what happened
        counted.cause,
        counted.customers,

        ---------- what the segments are called today; a retired one has lost its name
        from_segments.segment_name as from_segment_name,
        to_segments.segment_name as to_segment_name
    from counted
    left join {{ ref('segments') }} as from_segments
        on
            counted.segmentation = from_segments.segmentation
            and counted.from_segment_id = from_segments.segment_id
    left join {{ ref('segments') }} as to_segments
        on
            counted.segmentation = to_segments.segmentation
            and counted.to_segment_id = to_segments.segment_id

)

select * from migrations
