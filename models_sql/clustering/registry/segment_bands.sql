{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='append_new_columns',
    full_refresh=false,
) }}
-- Bands outlive a build, because a segment keeps the ones it has until it has clearly left them: its mean past the
-- bound by half of the bound and by its own 95 % interval. So does the decade of its age, and the choice of features
-- that name it. A row is written when a segment is first seen and when any of these changes. What a build left that
-- died before its model was recorded as champion counts for nothing.
{%- set bound = var('average_band_z') %}

with

champions as (

    select distinct
        segmentation,
        model_version
    from {{ source('state', 'champion_history') }}

),

written as (

    select
        bands.*,
        champions.segmentation is not null as counts,
        row_number() over (
            partition by bands.segmentation, bands.segment_id, bands.feature
            order by bands.change_number desc
        ) as recency,
        row_number() over (
            partition by bands.segmentation, bands.segment_id, bands.feature, champions.segmentation is not null
            order by bands.change_number desc
        ) as recency_of_kind
    from {{ source('state', 'segment_bands') }} as bands
    left join champions
        on bands.segmentation = champions.segmentation and bands.model_version = champions.model_version

),

formers as (

    select * from written
    where counts and recency_of_kind = 1

),

versions as (

    select
        segmentation,
        max(model_version) as model_version
    from {{ ref('segment_centroids') }}
    group by segmentation

),

last_changes as (

    select coalesce(max(change_number), 0) as last_change_number from written

),

-- What is unknown of how a segment's customers differ, as in a segment of one, leaves nothing clear.
measured as (

    select
        segmentation,
        segment_id,
        feature,
        feature_order,
        customers,
        scaled_z_score as z_score,
        coalesce(scaled_half_width, 1e9) as half_width,
        case when feature = 'age' then mean end as mean_age,
        case when feature = 'age' then stddev end as age_stddev,
        case when center is not null and scaled_z_score is not null then 1 else 0 end as is_clustered
    from {{ ref('segment_profiles') }}

    union all

    select
        segmentation,
        segment_id,
        'value' as feature,
        0 as feature_order,
        customers,
        value_index as z_score,
        value_high - value_index as half_width,
        cast(null as {{ type_double() }}) as mean_age,
        cast(null as {{ type_double() }}) as age_stddev,
        0 as is_clustered
    from {{ ref('segment_values') }}

    union all

    -- Of a category only what most of the segment have names it.
    select
        segmentation,
        segment_id,
        feature || ': ' || level as feature,
        1000 + dimension as feature_order,
        cast(null as bigint) as customers,
        (center - mean) / nullif(sqrt(mean * (1 - mean)), 0) as z_score,
        0 as half_width,
        cast(null as {{ type_double() }}) as mean_age,
        cast(null as {{ type_double() }}) as age_stddev,
        case when center > 0.5 and center - mean >= {{ bound }} * sqrt(mean * (1 - mean)) then 1 else 0 end
            as is_clustered
    from {{ ref('segment_centroids') }}
    where level != ''

),

-- However small the segment, nothing keeps a band whose opposite side it has reached.
compared as (

    select
        measured.*,
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
    left join written
        on
            placed.segmentation = written.segmentation
            and placed.segment_id = written.segment_id
            and placed.feature = written.feature
            and written.recency = 1
    left join versions on placed.segmentation = versions.segmentation
    where
        written.segment_id is null
        or placed.band is distinct from written.band
        or placed.age_decade is distinct from written.age_decade
        or placed.name_place is distinct from written.name_place
        or not (written.counts or written.model_version = versions.model_version)

)

select * from changes
