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

ranked as (

    select
        revenue,
        row_number() over (order by revenue) as value_rank,
        count(*) over () as customers
    from {{ ref('purchase_totals') }}

),

-- The least revenue that so many percent of the customers keep to.
percents as (

    select
        revenue,
        ceil(value_rank * 100e0 / customers) as percent
    from ranked

),

todays as (

    select
        percent as score,
        max(revenue) as up_to
    from percents
    group by percent

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

-- Who shares a revenue shares a score, the lowest of those that it could have.
distinct_cuts as (

    select
        min(score) as score,
        up_to
    from chosen
    group by up_to

),

steps as (

    select
        cast(score as integer) as score,
        coalesce(lag(up_to) over (order by up_to), -{{ everything }}) as over_revenue,
        up_to,
        case when lead(up_to) over (order by up_to) is null then {{ everything }} else up_to end as to_revenue
    from distinct_cuts

)

select * from steps
