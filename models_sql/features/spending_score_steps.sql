{{ config(enabled=scores_purchases()) }}
{#- No revenue lies beyond these. -#}
{%- set everything = '17e307' -%}
-- The cut points of the models in use; before there are any, those of today's customers. So nobody moves because others
-- joined or left.
with

versions as (

    select
        segmentation,
        model_version,
        row_number() over (partition by segmentation order by build_number desc, model_version desc) as recency
    from {{ source('state', 'champion_history') }}

),

kept as (

    select
        cuts.score,
        cuts.up_to,
        dense_rank() over (order by cuts.segmentation) as place
    from {{ source('state', 'trained_cuts') }} as cuts
    inner join versions
        on
            cuts.segmentation = versions.segmentation
            and cuts.model_version = versions.model_version
            and versions.recency = 1
    where cuts.feature = 'spending_score'

),

-- The customers are ranked in three steps, none of which sorts all of them at once: equal revenues are one row, these
-- are counted in ranges of a thousandth of their size, and ranked within their range.
revenues as (

    select
        revenue,
        floor(1000 * sign(revenue) * ln(1 + abs(revenue))) as size,
        count(*) as customers
    from {{ ref('purchase_totals') }}
    group by revenue

),

sizes as (

    select
        size,
        sum(customers) as customers
    from revenues
    group by size

),

reached as (

    select
        size,
        sum(customers) over (order by size) - customers as customers_below,
        sum(customers) over () as customers
    from sizes

),

ranked as (

    select
        revenues.revenue,
        reached.customers_below + sum(revenues.customers) over (
            partition by revenues.size
            order by revenues.revenue
        ) as last_rank,
        revenues.customers as same,
        reached.customers
    from revenues
    inner join reached on revenues.size = reached.size

),

-- The percent of the customers that the first one with this revenue belongs to, and the next one with more.
percents as (

    select
        revenue,
        ceil((last_rank - same + 1) * 100e0 / customers) as percent,
        ceil((last_rank + 1) * 100e0 / customers) as next_percent
    from ranked

),

-- The least revenue that so many percent of the customers keep to. Who shares a revenue shares a score, the lowest of
-- those that it could have.
todays as (

    select
        percent as score,
        revenue as up_to
    from percents
    where next_percent > percent

),

chosen as (

    select
        score,
        up_to
    from kept
    where place = 1

    union all

    select
        score,
        up_to
    from todays
    where not exists (select 1 from kept)

),

steps as (

    select
        cast(score as integer) as score,
        coalesce(lag(up_to) over (order by up_to), -{{ everything }}) as over_revenue,
        up_to,
        case when lead(up_to) over (order by up_to) is null then {{ everything }} else up_to end as to_revenue
    from chosen

)

select * from steps
