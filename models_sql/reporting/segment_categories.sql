{%- set categories = customer_columns('category') -%}
{%- set frequent_values = 6 -%}
with

counted as (

    {% for segmentation in var('segmentations') -%}
    {% set outer = loop -%}
    {% for category in categories -%}
    select
        '{{ segmentation }}' as segmentation,
        cast({{ segmentation }}_segment_id as integer) as segment_id,
        '{{ category }}' as category,
        {{ category }} as value,
        count(*) as customers
    from {{ ref('customer_scores') }}
    group by {{ segmentation }}_segment_id, {{ category }}
    {{ 'union all' if not (loop.last and outer.last) }}
    {% else -%}
    {{ 'union all' if not outer.first }}
    select
        cast(null as {{ dbt.type_string() }}) as segmentation,
        cast(null as integer) as segment_id,
        cast(null as {{ dbt.type_string() }}) as category,
        cast(null as {{ dbt.type_string() }}) as value,
        cast(null as bigint) as customers
    where 1 = 0
    {% endfor -%}
    {% endfor %}

),

ranked as (

    select
        segmentation,
        category,
        value,
        row_number() over (partition by segmentation, category order by sum(customers) desc, value) as value_place
    from counted
    where value is not null
    group by segmentation, category, value

),

grouped as (

    select
        counted.segmentation,
        counted.segment_id,
        counted.category,
        case
            when counted.value is null then 'not stated'
            when ranked.value_place <= {{ frequent_values }} then counted.value
            else 'other'
        end as value,
        counted.customers
    from counted
    left join ranked
        on
            counted.segmentation = ranked.segmentation
            and counted.category = ranked.category
            and counted.value = ranked.value

),

mixes as (

    select
        ---------- ids
        grouped.segmentation,
        grouped.segment_id,
        grouped.category,
        grouped.value,

        ---------- how to speak of the segment
        segments.segment_name,
        segments.value_rank,

        ---------- how many
        cast(sum(grouped.customers) as bigint) as customers
    from grouped
    inner join {{ ref('segments') }} as segments
        on grouped.segmentation = segments.segmentation and grouped.segment_id = segments.segment_id
    group by
        grouped.segmentation,
        grouped.segment_id,
        grouped.category,
        grouped.value,
        segments.segment_name,
        segments.value_rank

)

select * from mixes
