-- Each version of the registry against the champion it was trained to follow, by geometry: a segment's reach is
-- its outlier distance, and what lies within reach of a segment came from it or went into it.
with

fits as (

    select * from {{ ref('trained_centroids') }}

),

distances as (

    select
        new.segmentation,
        new.model_version,
        new.incumbent_version as former_version,
        new.segment_id,
        old.segment_id as former_segment_id,
        max(new.outlier_distance) as reach,
        max(old.outlier_distance) as former_reach,
        sqrt(sum(power((new.center - old.center) / new.scale, 2))) as distance,
        sqrt(sum(power((new.center - old.center) / old.scale, 2))) as former_distance
    from fits as new
    inner join fits as old
        on
            new.segmentation = old.segmentation
            and new.incumbent_version = old.model_version
            and new.feature = old.feature
    group by new.segmentation, new.model_version, new.incumbent_version, new.segment_id, old.segment_id

),

paired as (

    select
        *,
        max(case when segment_id = former_segment_id then 1 else 0 end) over (
            partition by segmentation, model_version, segment_id
        ) as is_kept,
        max(case when segment_id = former_segment_id then 1 else 0 end) over (
            partition by segmentation, model_version, former_segment_id
        ) as is_former_kept,
        row_number() over (
            partition by segmentation, model_version, segment_id
            order by former_distance, former_segment_id
        ) as former_nearness,
        row_number() over (
            partition by segmentation, model_version, former_segment_id
            order by distance, segment_id
        ) as nearness
    from distances

),

fates as (

    select
        segmentation,
        model_version,
        former_version,
        segment_id,
        'kept' as fate,
        cast(null as integer) as related_segment_id,
        former_distance as moved_distance
    from paired
    where segment_id = former_segment_id

    union all

    select
        segmentation,
        model_version,
        former_version,
        segment_id,
        case when former_distance <= former_reach then 'split' else 'new' end as fate,
        case when former_distance <= former_reach then former_segment_id end as related_segment_id,
        cast(null as double) as moved_distance
    from paired
    where is_kept = 0 and former_nearness = 1

    union all

    select
        segmentation,
        model_version,
        former_version,
        former_segment_id as segment_id,
        case when distance <= reach then 'merged' else 'retired' end as fate,
        case when distance <= reach then segment_id end as related_segment_id,
        cast(null as double) as moved_distance
    from paired
    where is_former_kept = 0 and nearness = 1

    union all

    -- A first version, or one that shares no feature with the champion before it, follows nothing.
    select
        fits.segmentation,
        fits.model_version,
        fits.incumbent_version as former_version,
        fits.segment_id,
        'new' as fate,
        cast(null as integer) as related_segment_id,
        cast(null as double) as moved_distance
    from fits
    left join paired
        on
            fits.segmentation = paired.segmentation
            and fits.model_version = paired.model_version
            and fits.segment_id = paired.segment_id
    where paired.segment_id is null and fits.feature_position = 1

),

lineage as (

    select
        ---------- ids
        fates.segmentation,
        cast(fates.model_version as integer) as model_version,
        cast(fates.former_version as integer) as former_version,
        cast(fates.segment_id as integer) as segment_id,

        ---------- what became of it
        fates.fate,
        cast(fates.related_segment_id as integer) as related_segment_id,
        {{ significant('fates.moved_distance') }} as moved_distance,
        models.is_champion
    from fates
    inner join {{ ref('segmentation_models') }} as models
        on fates.segmentation = models.segmentation and fates.model_version = models.model_version

)

select * from lineage
