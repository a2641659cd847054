{#- Categories beyond this many values: the rarest count together as 'other'. -#}
{%- set most_levels = 20 -%}
with

counted as (

    {% for feature in segmentation_categories() -%}
    select
        '{{ feature }}' as feature,
        {{ feature }} as level,
        count(*) as customers
    from {{ ref('observed_features') }}
    where {{ feature }} is not null
    group by {{ feature }}
    {{ 'union all' if not loop.last }}
    {% else -%}
    select
        cast(null as {{ dbt.type_string() }}) as feature,
        cast(null as {{ dbt.type_string() }}) as level,
        cast(null as bigint) as customers
    where false
    {% endfor %}

),

ranked as (

    select
        *,
        row_number() over (partition by feature order by customers desc, level) as level_rank,
        count(*) over (partition by feature) as values_in_all
    from counted

),

named as (

    select
        feature,
        case when values_in_all > {{ most_levels }} and level_rank >= {{ most_levels }} then 'other' else level end
            as level,
        customers,
        level_rank
    from ranked

),

levels as (

    select
        feature,
        level,
        cast(row_number() over (partition by feature order by min(level_rank)) as integer) as level_position,
        cast(sum(customers) as bigint) as customers,
        sum(customers) * 1e0 / sum(sum(customers)) over (partition by feature) as share
    from named
    group by feature, level

)

select * from levels
