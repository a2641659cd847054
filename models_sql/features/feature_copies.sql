-- An error that many rows share leaves a copy of the customers elsewhere: those whose income is in another unit lie so
-- many times higher than customers who are otherwise alike, in the same proportion everywhere, and hardly anybody lies
-- halfway. Customers are counted in cells, and the cells that an error would make copies are compared with the others.
{#- Cells per factor, and the width of those of two columns, on the scale of the logarithm. -#}
{%- set steps, width = 8, 3e-1 %}
with

statistics as (

    {% for name in segmentation_numbers() -%}
    select
        feature,
        mean,
        stddev,
        {{ loop.index }} as number_order
    from {{ ref('feature_statistics') }}
    where feature = '{{ name }}'
    {{ 'union all' if not loop.last }}
    {% else -%}
    select
        feature,
        mean,
        stddev,
        0 as number_order
    from {{ ref('feature_statistics') }}
    where false
    {% endfor %}

),

sampled as (

    select * from {{ ref('statistics_sample') }}

),

sampled_values as (

    {% for name in segmentation_numbers() -%}
    select
        customer_id,
        '{{ name }}' as feature,
        {{ name }} as feature_value
    from sampled
    {{ 'union all' if not loop.last }}
    {% else -%}
    select
        customer_id,
        '' as feature,
        0e0 as feature_value
    from sampled
    where false
    {% endfor %}

),

-- Roughly where a customer lies: at most so many deviations over or under the mean, and unknown apart.
placed as (

    select
        sampled_values.customer_id,
        sampled_values.feature,
        sampled_values.feature_value,
        statistics.number_order,
        coalesce(
            least(1, greatest(-2, floor(
                (sampled_values.feature_value - statistics.mean) / nullif(statistics.stddev, 0)
            ))), 2
        ) as rough_place
    from sampled_values
    inner join statistics on sampled_values.feature = statistics.feature

),

-- Two other features say who is otherwise alike; more would leave few customers in a cell.
alike as (

    select
        own.customer_id,
        own.feature,
        own.feature_value,
        coalesce(sum(others.rough_place * power(10, others.number_order)), 0) as alike_in
    from placed as own
    left join placed as others
        on
            own.customer_id = others.customer_id
            and own.number_order != others.number_order
            and others.number_order <= case when own.number_order <= 2 then 3 else 2 end
    where own.feature_value > 0
    group by own.customer_id, own.feature, own.feature_value

),

factors as (

    {% for factor in [10, 12, 100, 1000] -%}
    select
        {{ factor }} as factor,
        1 as direction
    union all
    select
        {{ factor }} as factor,
        -1 as direction
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

unit_cells as (

    select
        alike.feature,
        factors.factor,
        factors.direction,
        alike.alike_in,
        floor({{ steps }} * ln(alike.feature_value) / ln(factors.factor)) as place,
        count(*) as customers
    from alike
    cross join factors
    group by
        alike.feature, factors.factor, factors.direction, alike.alike_in,
        floor({{ steps }} * ln(alike.feature_value) / ln(factors.factor))

),

swap_cells as (

    select
        own.feature,
        others.feature as other_feature,
        coalesce(thirds.rough_place, 0) as alike_in,
        floor(ln(own.feature_value) / {{ width }}) as place,
        floor(ln(others.feature_value) / {{ width }}) as other_place,
        count(*) as customers
    from placed as own
    inner join placed as others on own.customer_id = others.customer_id and own.number_order < others.number_order
    left join placed as thirds
        on
            own.customer_id = thirds.customer_id
            and thirds.number_order
            = case when own.number_order > 1 then 1 when others.number_order > 2 then 2 else 3 end
    where own.feature_value > 0 and others.feature_value > 0
    group by
        own.feature, others.feature, coalesce(thirds.rough_place, 0),
        floor(ln(own.feature_value) / {{ width }}), floor(ln(others.feature_value) / {{ width }})

),

cells as (

    select
        feature,
        '' as other_feature,
        factor,
        direction,
        alike_in,
        place * 10000 as place,
        (place - {{ steps }} * direction) * 10000 as copied_from,
        (place + {{ steps }} * direction) * 10000 as copied_to,
        (place + {{ steps // 2 }} * direction) * 10000 as halfway,
        true as is_apart,
        customers
    from unit_cells

    union all

    select
        feature,
        other_feature,
        1 as factor,
        0 as direction,
        alike_in,
        place * 10000 + other_place as place,
        other_place * 10000 + place as copied_from,
        other_place * 10000 + place as copied_to,
        floor((place + other_place) / 2) * 10000 + ceil((place + other_place) / 2) as halfway,
        abs(place - other_place) >= 2 as is_apart,
        customers
    from swap_cells

),

-- Most customers are right, so no cell is the copy of one with fewer.
compared as (

    select
        originals.feature,
        originals.other_feature,
        originals.factor,
        originals.direction,
        originals.place,
        originals.copied_to,
        originals.customers as originals,
        case when copies.customers < originals.customers then copies.customers else 0 end as copies,
        case when copies.customers < originals.customers then coalesce(halfway.customers, 0) else 0 end as halfway
    from cells as originals
    {% for found, place in {'sources': 'copied_from', 'copies': 'copied_to', 'halfway': 'halfway'}.items() -%}
    left join cells as {{ found }}
        on
            originals.feature = {{ found }}.feature
            and originals.other_feature = {{ found }}.other_feature
            and originals.factor = {{ found }}.factor
            and originals.direction = {{ found }}.direction
            and originals.alike_in = {{ found }}.alike_in
            and originals.{{ place }} = {{ found }}.place
    {% endfor -%}
    where originals.is_apart and coalesce(sources.customers, 0) <= originals.customers

),

shared as (

    select
        *,
        sum(copies) over (partition by feature, other_feature, factor, direction) * 1e0
        / sum(originals + copies) over (partition by feature, other_feature, factor, direction) as share,
        sum(halfway) over (partition by feature, other_feature, factor, direction) * 1e0
        / sum(originals + halfway) over (partition by feature, other_feature, factor, direction) as halfway_share
    from compared

),

-- An empty cell that parts the originals from their copies. Among small whole numbers cells are empty by rounding, and 1
-- lies apart from the rest, so it says nothing of copies that lie lower.
along as (

    select
        feature,
        factor,
        place,
        originals,
        0 as copies
    from compared
    where other_feature = '' and direction = 1

    union all

    select
        feature,
        factor,
        copied_to as place,
        0 as originals,
        copies
    from compared
    where other_feature = '' and direction = 1 and copies > 0

),

by_place as (

    select
        feature,
        factor,
        place,
        sum(originals) as originals,
        sum(copies) as copies
    from along
    group by feature, factor, place

),

parted as (

    select
        feature,
        factor,
        lead(place) over (partition by feature, factor order by place) - place as step,
        sum(copies) over (partition by feature, factor order by place) as copies_before,
        sum(originals) over (partition by feature, factor)
        - sum(originals) over (partition by feature, factor order by place) as originals_behind
    from by_place

),

parts as (

    select
        feature,
        factor,
        min(copies_before + originals_behind) as overlapping
    from parted
    where step >= 20000
    group by feature, factor

),

copied as (

    select
        ---------- ids
        shared.feature,
        shared.other_feature,
        cast(shared.factor as integer) as factor,
        cast(shared.direction as integer) as direction,

        ---------- the copy
        cast(sum(shared.copies) as bigint) as customers,
        cast(count(case when shared.copies > 0 then 1 end) as bigint) as cells,
        {{ significant('max(shared.share)') }} as share,
        {{ significant('sum(shared.halfway) * 1e0 / sum(shared.copies)') }} as halfway,
        {{ significant('max(parts.overlapping) * 1e0 / sum(shared.copies)') }} as overlap,
        {{ significant(
            'sum(power(copies - share * (originals + copies), 2) / ((originals + copies) * share * (1 - share)))'
            ~ ' / greatest(count(*) - 1, 1)'
        ) }} as unevenness,
        {{ significant(
            'sum(power(halfway - halfway_share * (originals + halfway), 2)'
            ~ ' / nullif((originals + halfway) * halfway_share * (1 - halfway_share), 0)) / greatest(count(*) - 1, 1)'
        ) }} as halfway_unevenness
    from shared
    left join parts
        on
            shared.feature = parts.feature
            and shared.factor = parts.factor
            and shared.direction = 1
    where shared.share > 0
    group by shared.feature, shared.other_feature, shared.factor, shared.direction

)

select * from copied
