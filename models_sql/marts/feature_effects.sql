-- What each feature does to who is in which segment, read from the evaluated rows, which stand for equally many
-- customers each. A feature is taken out of the distances while the centers stay. Where that moves nobody, the segments
-- are a solution of K-Means without the feature too, because a center's other coordinates are still the means of the
-- same customers; a refit would add to this the chance of its starts. By rule there are no distances to take it out of.
{%- set least_effect = '1e-2' -%}
{%- set kept = held('sampled.feature_value', 'centroids.low_fence', 'centroids.high_fence') -%}
{%- set is_log = "centroids.transform = 'log'" %}

with

champion_features as (

    select distinct
        segmentation,
        feature,
        level
    from {{ ref('segment_centroids') }}
    {% if has_rules() -%}
    where segmentation not in ('{{ segmentations_by('rules') | join("', '") }}')
    {%- endif %}

),

sampled as (

    {{ training_values('champion_features') }}

),

contributions as (

    select
        sampled.segmentation,
        sampled.customer_id,
        centroids.segment_id,
        sampled.feature,
        sum(power(
            (
                {{ transformed('(' ~ kept ~ ')', is_log) }}
                - {{ transformed('centroids.center', is_log) }}
            ) / centroids.scale, 2
        )) as squared_distance
    from sampled
    inner join {{ ref('segment_centroids') }} as centroids
        on
            sampled.segmentation = centroids.segmentation
            and sampled.feature = centroids.feature
            and sampled.level = centroids.level
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
                then
                    cast(sum(case when segment_id != segment_id_without then 1 else 0 end) as {{ type_double() }})
                    / count(*)
        end as moved_share
    from compared
    group by segmentation, feature

),

labels as (

    select distinct
        segmentation,
        feature,
        label,
        weight
    from {{ ref('segment_centroids') }}

),

effects as (

    select
        ---------- ids
        measured.segmentation,
        measured.feature,

        ---------- what it does
        labels.weight,
        cast(measured.customers as bigint) as evaluated_customers,
        {{ significant('measured.moved_share') }} as moved_share,
        coalesce(measured.moved_share < {{ least_effect }}, false) as is_without_effect,
        upper(substr(labels.label, 1, 1)) || substr(labels.label, 2)
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
    inner join labels on measured.segmentation = labels.segmentation and measured.feature = labels.feature

)

select * from effects
