-- What became of each segment with each version, by where the customers went. A segment that keeps its number is
-- kept; of the others, one whose customers mostly come from one segment is split from it, and one whose customers
-- mostly went to one segment is merged into it.
{%- set most = 5e-1 %}
with

shared as (

    select
        *,
        sum(customers) over (partition by segmentation, model_version, segment_id) as segment_customers,
        sum(customers) over (partition by segmentation, model_version, former_segment_id) as former_customers
    from {{ ref('segment_overlaps') }}

),

versions as (

    select distinct
        segmentation,
        model_version,
        former_version,
        segment_id
    from shared

),

-- Every segment of the champion before, those without customers among today's included.
former_segments as (

    select distinct
        versions.segmentation,
        versions.model_version,
        versions.former_version,
        former.segment_id as former_segment_id
    from versions
    inner join {{ ref('trained_centroids') }} as former
        on versions.segmentation = former.segmentation and versions.former_version = former.model_version

),

sources as (

    select
        *,
        row_number() over (
            partition by segmentation, model_version, segment_id
            order by customers desc, former_segment_id
        ) as source_rank
    from shared
    where former_segment_id is not null

),

destinations as (

    select
        *,
        row_number() over (
            partition by segmentation, model_version, former_segment_id
            order by customers desc, segment_id
        ) as destination_rank
    from shared
    where former_segment_id is not null

),

fates as (

    select
        versions.segmentation,
        versions.model_version,
        versions.former_version,
        versions.segment_id,
        case
            when former_segments.former_segment_id is not null then 'kept'
            when sources.customers >= {{ most }} * sources.segment_customers then 'split'
            else 'new'
        end as fate,
        case
            when
                former_segments.former_segment_id is null
                and sources.customers >= {{ most }} * sources.segment_customers
                then sources.former_segment_id
        end as related_segment_id
    from versions
    left join former_segments
        on
            versions.segmentation = former_segments.segmentation
            and versions.model_version = former_segments.model_version
            and versions.segment_id = former_segments.former_segment_id
    left join sources
        on
            versions.segmentation = sources.segmentation
            and versions.model_version = sources.model_version
            and versions.segment_id = sources.segment_id
            and sources.source_rank = 1

    union all

    select
        former_segments.segmentation,
        former_segments.model_version,
        former_segments.former_version,
        former_segments.former_segment_id as segment_id,
        case
            when destinations.customers >= {{ most }} * destinations.former_customers then 'merged' else 'retired'
        end as fate,
        case
            when destinations.customers >= {{ most }} * destinations.former_customers then destinations.segment_id
        end as related_segment_id
    from former_segments
    left join versions
        on
            former_segments.segmentation = versions.segmentation
            and former_segments.model_version = versions.model_version
            and former_segments.former_segment_id = versions.segment_id
    left join destinations
        on
            former_segments.segmentation = destinations.segmentation
            and former_segments.model_version = destinations.model_version
            and former_segments.former_segment_id = destinations.former_segment_id
            and destinations.destination_rank = 1
    where versions.segment_id is null

),

moved as (

    select
        new.segmentation,
        new.model_version,
        new.segment_id,
        sqrt(sum(power(
            (
                {{ transformed('new.center', "features.transform = 'log'") }}
                - {{ transformed('old.center', "features.transform = 'log'") }}
            ) / features.scale, 2
        ))) as moved_distance
    from {{ ref('trained_centroids') }} as new
    inner join fates
        on
            new.segmentation = fates.segmentation
            and new.model_version = fates.model_version
            and new.segment_id = fates.segment_id
            and fates.fate = 'kept'
    inner join {{ ref('trained_centroids') }} as old
        on
            fates.segmentation = old.segmentation
            and fates.former_version = old.model_version
            and new.segment_id = old.segment_id
            and new.feature = old.feature
            and new.level = old.level
    inner join {{ ref('trained_features') }} as features
        on
            old.segmentation = features.segmentation
            and old.model_version = features.model_version
            and old.feature = features.feature
            and old.level = features.level
    group by new.segmentation, new.model_version, new.segment_id

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
        {{ significant('moved.moved_distance') }} as moved_distance,
        models.is_champion
    from fates
    inner join {{ ref('segmentation_models') }} as models
        on fates.segmentation = models.segmentation and fates.model_version = models.model_version
    left join moved
        on
            fates.segmentation = moved.segmentation
            and fates.model_version = moved.model_version
            and fates.segment_id = moved.segment_id

)

select * from lineage
