-- What today's customers say of each feature that a segmentation clusters on: how it is filled, held, transformed and
-- scaled. A model keeps the row it was trained with. A category has a row per value, 1 for those who have it.
{%- set columns = customer_columns() -%}
{%- set ranges = numeric_ranges() %}
with

statistics as (

    select * from {{ ref('feature_statistics') }}

),

levels as (

    select
        *,
        1 - sum(share * share) over (partition by feature) as spread
    from {{ ref('category_levels') }}

),

chosen as (

    {% for segmentation in var('segmentations') -%}
    {% set outer = loop -%}
    {% for name, feature in segmentation_features(segmentation).items() -%}
    {% set column = columns.get(name, {}) -%}
    {% set valid = ranges.get(name, {'min': none, 'max': none}) -%}
    select
        '{{ segmentation }}' as segmentation,
        '{{ name }}' as feature,
        {{ sql_text(columns.get(name, {}).get('label', name)) }} as category_label,
        {{ loop.index }} as feature_position,
        cast({{ feature.weight }} as {{ type_double() }}) as weight,
        '{{ feature.transform }}' as setting,
        {% if column.get('type') == 'date' and column.get('fill') is not none -%}
        (
            select
                cast({{ dbt.datediff("cast('" ~ column.fill ~ "' as date)", 'as_of', 'day') }} as {{ type_double() }})
            from {{ ref('as_of_day') }}
        ) as own_fill,
        {% else -%}
        cast({{ column.get('fill') if column.get('fill') is not none else 'null' }} as {{ type_double() }}) as own_fill,
        {% endif -%}
        cast({{ valid.min if valid.min is not none else 'null' }} as {{ type_double() }}) as valid_min,
        cast({{ valid.max if valid.max is not none else 'null' }} as {{ type_double() }}) as valid_max,
        {% if has_rules() -%}
        {{ 'true' if is_by_rules(segmentation) else 'false' }} as is_by_rules,
        {% endif -%}
        {{ 'true' if columns.get(name, {}).get('type') == 'boolean' else 'false' }} as is_share
    {{ 'union all' if not (loop.last and outer.last) }}
    {% endfor -%}
    {% endfor %}

),

numbers as (

    select
        chosen.segmentation,
        chosen.feature,
        '' as level,
        statistics.label,
        statistics.unit,
        chosen.feature_position,
        0 as level_position,
        chosen.weight,
        chosen.valid_min,
        chosen.valid_max,
        scales.transform,
        scales.transform_reason,
        scales.low_fence,
        scales.high_fence,
        {% if has_rules() -%}
        -- By rule a value that is not known scores worst, so nothing is filled in but what the column says.
        case
            when chosen.is_by_rules then chosen.own_fill
            else
                coalesce(chosen.own_fill, case when chosen.is_share then statistics.mean end, statistics.median)
        end as fill_value,
        {%- else -%}
        coalesce(chosen.own_fill, case when chosen.is_share then statistics.mean end, statistics.median) as fill_value,
        {%- endif %}
        scales.mean,
        -- A feature that never varies cannot tell customers apart; any scale but 0 will do.
        case when scales.stddev > 0 then scales.stddev else 1e0 end / chosen.weight as scale
    from chosen
    inner join statistics on chosen.feature = statistics.feature
    inner join {{ ref('feature_scales') }} as scales
        on chosen.feature = scales.feature and chosen.setting = scales.setting

),

-- Scaled so that two customers drawn at random lie as far apart in a category as in a number of the same weight.
categories as (

    select
        chosen.segmentation,
        chosen.feature,
        levels.level,
        chosen.category_label as label,
        '' as unit,
        chosen.feature_position,
        levels.level_position,
        chosen.weight,
        cast(null as {{ type_double() }}) as valid_min,
        cast(null as {{ type_double() }}) as valid_max,
        'none' as transform,
        'A category: 1 for the customers of this value, 0 for the others.' as transform_reason,
        cast(0 as {{ type_double() }}) as low_fence,
        cast(1 as {{ type_double() }}) as high_fence,
        {{ significant('levels.share') }} as fill_value,
        {{ significant('levels.share') }} as mean,
        {{ significant('case when levels.spread > 0 then sqrt(levels.spread) else 1e0 end') }} / chosen.weight as scale
    from chosen
    inner join levels on chosen.feature = levels.feature

),

combined as (

    select * from numbers
    union all
    select * from categories

),

features as (

    select
        ---------- ids
        segmentation,
        feature,
        level,

        ---------- how to speak of it, and its place
        label,
        unit,
        cast(feature_position as integer) as feature_position,
        cast(row_number() over (
            partition by segmentation
            order by feature_position, level_position
        ) as integer) as dimension,

        ---------- from a value to a coordinate
        weight,
        valid_min,
        valid_max,
        fill_value,
        low_fence,
        high_fence,
        transform,
        transform_reason,
        mean,
        scale
    from combined

)

select * from features
