-- Today's customers are read from the weighted training sample, which stands for all of them at any size.
{%- set limits = var('drift_limits') -%}
{#- Shares under this count as this much, so that an empty bin yields a large index, not an infinite one. -#}
{%- set least_share = '1e-4' -%}
{#- 95 % quantile of chi-squared with 9 degrees of freedom: the index of two samples of one distribution in ten bins,
    divided by the sum of the inverses of their sizes, stays under it in 95 of 100 cases (Yurdakul, 2018). -#}
{%- set chance_quantile = 16.919 %}

with

champions as (

    select
        segmentation,
        model_version,
        training_rows
    from {{ ref('segmentation_models') }}
    where is_champion

),

training_bins as (

    select distributions.*
    from {{ ref('training_distributions') }} as distributions
    inner join champions
        on
            distributions.segmentation = champions.segmentation
            and distributions.model_version = champions.model_version

),

sampled as (

    {{ training_values() }}

),

binned as (

    select
        bins.segmentation,
        bins.feature,
        bins.bin,
        max(bins.share) as training_share,
        sum(sampled.sample_weight) as weight
    from training_bins as bins
    left join sampled
        on
            bins.segmentation = sampled.segmentation
            and bins.feature = sampled.feature
            and (bins.lower_edge is null or bins.lower_edge < sampled.feature_value)
            and (bins.upper_edge is null or bins.upper_edge >= sampled.feature_value)
    group by bins.segmentation, bins.feature, bins.bin

),

shared as (

    select
        *,
        coalesce(weight, 0.0) / sum(weight) over (partition by segmentation, feature) as share
    from binned

),

floored as (

    select
        segmentation,
        feature,
        greatest(training_share, {{ least_share }}) as training_share,
        greatest({{ significant('share') }}, {{ least_share }}) as share
    from shared

),

stability as (

    select
        segmentation,
        feature,
        sum((share - training_share) * ln(share / training_share)) as stability_index
    from floored
    group by segmentation, feature

),

ranges as (

    select
        segmentation,
        feature,
        max(minimum) as minimum,
        max(maximum) as maximum,
        max(mean) as training_mean
    from training_bins
    group by segmentation, feature

),

today as (

    select
        sampled.segmentation,
        sampled.feature,
        count(*) as sampled_rows,
        max(ranges.training_mean) as training_mean,
        sum(sampled.sample_weight * sampled.feature_value) / sum(sampled.sample_weight) as mean,
        sum(case
            when sampled.feature_value between ranges.minimum and ranges.maximum then 0.0
            else sampled.sample_weight
        end) / sum(sampled.sample_weight) as share_outside
    from sampled
    inner join ranges on sampled.segmentation = ranges.segmentation and sampled.feature = ranges.feature
    group by sampled.segmentation, sampled.feature

),

segment_shares as (

    select
        centroids.segmentation,
        greatest({{ significant('max(centroids.training_share)') }}, {{ least_share }}) as training_share,
        greatest(coalesce(max(segments.share), 0.0), {{ least_share }}) as share
    from {{ ref('segment_centroids') }} as centroids
    left join {{ ref('segments') }} as segments
        on centroids.segmentation = segments.segmentation and centroids.segment_id = segments.segment_id
    group by centroids.segmentation, centroids.segment_id

),

mixes as (

    select
        segmentation,
        sum((share - training_share) * ln(share / training_share)) as segment_mix_index
    from segment_shares
    group by segmentation

),

measured as (

    select
        champions.segmentation,
        champions.model_version,
        today.feature,
        statistics.label,
        statistics.unit,
        today.training_mean,
        today.mean,
        stability.stability_index,
        {{ chance_quantile }} * (1.0 / champions.training_rows + 1.0 / today.sampled_rows) as chance_index,
        today.share_outside,
        mixes.segment_mix_index
    from champions
    inner join today on champions.segmentation = today.segmentation
    inner join stability
        on champions.segmentation = stability.segmentation and today.feature = stability.feature
    inner join mixes on champions.segmentation = mixes.segmentation
    inner join {{ ref('feature_statistics') }} as statistics on today.feature = statistics.feature

),

judged as (

    select
        *,
        stability_index > greatest({{ limits.stability_index }}, chance_index) as is_shifted,
        share_outside > {{ limits.share_outside }} as is_outside,
        segment_mix_index > greatest({{ limits.stability_index }}, chance_index) as is_mixed_anew
    from measured

),

drift as (

    select
        ---------- ids
        segmentation,
        feature,
        cast(model_version as integer) as model_version,

        ---------- the customers the model was trained on, and today's
        {{ significant('training_mean') }} as training_mean,
        {{ significant('mean') }} as mean,
        {{ significant('stability_index') }} as stability_index,
        {{ significant('chance_index') }} as chance_index,
        {{ significant('share_outside') }} as share_outside_training_range,

        ---------- the sizes of the segments, equal on every row of a segmentation
        {{ significant('segment_mix_index') }} as segment_mix_index,

        ---------- verdict
        is_shifted or is_outside or is_mixed_anew as needs_retraining,
        case when is_shifted or is_outside or is_mixed_anew then 'Retrain: ' else 'Stable: ' end
        || label || ' averages ' || {{ plain_text('mean', 2) }} || case when unit = '' then '' else ' ' || unit end
        || ' against ' || {{ plain_text('training_mean', 2) }} || ' in training'
        || case when is_shifted then ', its distribution has moved' else '' end
        || case
            when is_outside
                then ', ' || {{ plain_text('100 * share_outside') }} || ' % of customers are beyond the training range'
            else ''
        end
        || case when is_mixed_anew then ', the segments have changed their sizes' else '' end
        || '.' as reading
    from judged

)

select * from drift
