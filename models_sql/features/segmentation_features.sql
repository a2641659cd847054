with

statistics as (

    select * from {{ ref('feature_statistics') }}

),

chosen as (

    {% for segmentation, given in var('segmentations').items() -%}
    {% set outer = loop -%}
    {% for feature, weight in given.features.items() -%}
    select
        '{{ segmentation }}' as segmentation,
        '{{ feature }}' as feature,
        {{ loop.index }} as feature_position,
        cast({{ weight }} as double) as weight
    {{ 'union all' if not (loop.last and outer.last) }}
    {% endfor -%}
    {% endfor %}

),

scaled as (

    select
        chosen.segmentation,
        chosen.feature,
        statistics.label,
        statistics.unit,
        chosen.feature_position,
        chosen.weight,
        statistics.mean,
        -- A feature that never varies cannot tell customers apart; any scale but 0 will do.
        case when statistics.stddev > 0 then statistics.stddev else 1.0 end / chosen.weight as scale
    from chosen
    inner join statistics on chosen.feature = statistics.feature

)

select * from scaled
