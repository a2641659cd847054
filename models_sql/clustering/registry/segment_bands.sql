{{ config(materialized='incremental', incremental_strategy='append', full_refresh=false, on_schema_change='fail') }}
-- Bands outlive a build, because a segment keeps the ones it has until it has clearly left them: its mean past the
-- bound by half of the bound and by its own 95 % interval. So does the decade of its age, and the choice of features
-- that name it. A row is written when a segment is first seen and when any of these changes.
{%- set bound = var('average_band_z') %}

with

formers as (

    {% if is_incremental() -%}
    select
        *,
        row_number() over (partition by segmentation, segment_id, feature order by change_number desc) as recency,
        max(change_number) over () as last_change_number
    from {{ this }}
    {%- else -%}
    select
        cast(null as {{ dbt.type_string() }}) as segmentation,
        cast(null as integer) as segment_id,
        cast(null as {{ dbt.type_string() }}) as feature,
        cast(null as {{ dbt.type_string() }}) as band,
        cast(null as integer) as age_decade,
        cast(null as integer) as name_place,
        cast(null as integer) as recency,
        cast(null as integer) as last_change_number
    where false
    {%- endif %}

),

versions as (

    select
        segmentation,
        max(model_version) as model_version
    from {{ ref('segment_centroids') }}
    group by segmentation

),

last_changes as (

    select coalesce(max(last_change_number), 0) as last_change_number from formers

),

-- One customer's distance from the mean of its like is unknown; nothing is clear about it.
measured as (

    select
        profiles.segmentation,
        profiles.segment_id,
        profiles.feature,
        profiles.feature_order,
        profiles.z_score,
        coalesce(
            1.96 * profiles.stddev / nullif(sqrt(profiles.customers - 1), 0) / nullif(statistics.stddev, 0), 1e9
        ) as half_width,
        case when profiles.feature = 'age' then profiles.mean end as mean_age,
        case when profiles.feature = 'age' then profiles.stddev end as age_stddev,
        profiles.customers,
        case when profiles.center is not null and profiles.z_score is not null then 1 else 0 end as is_clustered
    from {{ ref('segment_profiles') }} as profiles
    inner join {{ ref('feature_statistics') }} as statistics on profiles.feature = statistics.feature

    union all

    select
        segmentation,
        segment_id,
        'value' as feature,
        0 as feature_order,
        value_index as z_score,
        value_high - value_index as half_width,
        cast(null as double) as mean_age,
        cast(null as double) as age_stddev,
        customers,
        0 as is_clustered
    from {{ ref('segment_values') }}

),

-- However small the segment, nothing keeps a band whose opposite side it has reached.
compared as (

    select
        measured.*,
        formers.segment_id is not null as has_former,
        formers.band as former_band,
        formers.age_decade as former_decade,
        formers.name_place as former_place,
        least({{ bound }}, greatest(0.5 * {{ bound }}, measured.half_width)) as margin,
        least(5, greatest(2.5, 1.96 * measured.age_stddev / sqrt(measured.customers))) as age_margin
    from measured
    left join formers
        on
            measured.segmentation = formers.segmentation
            and measured.segment_id = formers.segment_id
            and measured.feature = formers.feature
            and formers.recency = 1

),

banded as (

    select
        *,
        {{ band('z_score', 'former_band', 'margin') }} as band,
        case
            when age_stddev > case when former_decade is null then 6 else 8 end then null
            when mean_age between former_decade - age_margin and former_decade + 10 + age_margin then former_decade
            else 10 * floor(mean_age / 10)
        end as age_decade,
        row_number() over (
            partition by segmentation, segment_id, is_clustered
            order by
                abs(z_score) + case when former_place is not null then margin else 0 end desc nulls last,
                feature_order
        ) as strength_rank
    from compared

),

-- Two features name a segment, and a third where it is out of the ordinary.
chosen as (

    select
        *,
        case
            when is_clustered = 1 and (strength_rank <= 2 or strength_rank = 3 and band != 'average') then 1
            else 0
        end as is_in_name
    from banded

),

placed as (

    select
        *,
        case
            when is_in_name = 1
                then row_number() over (
                    partition by segmentation, segment_id, is_in_name
                    order by former_place nulls last, strength_rank
                )
        end as name_place
    from chosen

),

changes as (

    select
        ---------- ids
        placed.segmentation,
        placed.segment_id,
        placed.feature,
        cast(last_changes.last_change_number + 1 as integer) as change_number,
        versions.model_version,

        ---------- how to speak of the segment's mean
        placed.band,
        cast(placed.age_decade as integer) as age_decade,
        cast(placed.name_place as integer) as name_place,

        ---------- what was decided on
        placed.z_score
    from placed
    cross join last_changes
    left join versions on placed.segmentation = versions.segmentation
    where
        not placed.has_former
        or placed.band is distinct from placed.former_band
        or placed.age_decade is distinct from placed.former_decade
        or placed.name_place is distinct from placed.former_place

)

select * from changes
