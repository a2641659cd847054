-- What each feature does to who is in which segment, read from the evaluated rows, each of which stands for equally many
-- customers. A feature is taken out of the distances while the centers stay. Where that moves nobody, the segments are
-- a solution of K-Means without the feature too, because a center's other coordinates are still the means of the same
-- customers; a refit would add to this the chance of its starts.
{%- set least_effect = '1e-2' %}

with

sampled as (

    {{ training_values() }}

),

contributions as (

    select
        sampled.segmentation,
        sampled.customer_id,
        centroids.segment_id,
        sampled.feature,
        sum(power((sampled.feature_value - centroids.center) / centroids.scale, 2)) as squared_distance
    from sampled
    inner join {{ ref('segment_centroids') }} as centroids
        on sampled.segmentation = centroids.segmentation and sampled.feature = centroids.feature
    where sampled.is_evaluated
    group by sampled.segmentation, sampled.customer_id, centroids.segment_id, sampled.feature

),

totals as (

    select
        *,
        sum(squared_distance) over (partition by segmentation, customer_id, segment_id) as total,
        count(*) over (partition by segmentation, customer_id, segment_id) as features
    from contributions

),

ranked as (

    select
        *,
        row_number() over (
            partition by segmentation, customer_id, feature
            order by total, segment_id
        ) as place,
        row_number() over (
            partition by segmentation, customer_id, feature
            order by total - squared_distance, segment_id
        ) as place_without
    from totals

),

compared as (

    select
        segmentation,
        customer_id,
        feature,
        max(features) as features,
        max(case when place = 1 then segment_id end) as segment_id,
        max(case when place_without = 1 then segment_id end) as segment_id_without
    from ranked
    group by segmentation, customer_id, feature

),

measured as (

    select
        segmentation,
        feature,
        count(*) as customers,
        -- Without its only feature a segmentation has no segments to be in.
        case
            when max(features) > 1
                then sum(case when segment_id != segment_id_without then 1e0 else 0e0 end) / count(*)
        end as moved_share
    from compared
    group by segmentation, feature

),

effects as (

    select
        ---------- ids
        measured.segmentation,
        measured.feature,

        ---------- what it does
        features.weight,
        cast(measured.customers as bigint) as evaluated_customers,
        {{ significant('measured.moved_share') }} as moved_share,
        coalesce(measured.moved_share < {{ least_effect }}, false) as is_without_effect,
        upper(substr(features.label, 1, 1)) || substr(features.label, 2)
        || case
            when measured.moved_share is null then ' is all that tells the segments apart.'
            when measured.moved_share < {{ least_effect }}
                then ' does nothing: without it '
                    || case when measured.moved_share = 0 then 'no customer' else 'under 1 % of customers' end
                    || ' would be in another segment. Give it more weight, or leave it out.'
            else ' matters: without it ' || {{ plain_text('100 * measured.moved_share', 0) }}
                || ' % of customers would be in another segment.'
        end as reading
    from measured
    inner join {{ ref('segmentation_features') }} as features
        on measured.segmentation = features.segmentation and measured.feature = features.feature

)

select * from effects
