-- Today's customers are read from the weighted training sample, which stands for all of them at any size. An alarm
-- takes a difference that matters, by the var `drift_limits`, and one that chance does not explain. The chance limits
-- hold for any number of customers, and together they are passed in at most one of 20 builds without drift.
{%- set limits = var('drift_limits') -%}
{#- Shares under this count as this much, so that an empty bin yields a large index, not an infinite one. -#}
{%- set least_share = '1e-4' -%}
{%- set false_alarms = '5e-2' -%}
{%- set columns = customer_columns() %}

with

champions as (

    select
        segmentation,
        model_version,
        training_rows
    from {{ ref('segmentation_models') }}
    where is_champion

),

champion_features as (

    select distinct
        segmentation,
        feature,
        level,
        label,
        unit
    from {{ ref('segment_centroids') }}

),

-- Each feature, and each value of a category, is tried for its distribution and its range, each segmentation for the
-- sizes of its segments.
families as (

    select 2 * count(*) + count(distinct segmentation) as tests
    from champion_features

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

    {{ training_values('champion_features') }}

),

binned as (

    select
        bins.segmentation,
        bins.feature,
        bins.level,
        bins.bin,
        max(bins.share) as training_share,
        coalesce(sum(sampled.sample_weight), 0.0) as weight
    from training_bins as bins
    left join sampled
        on
            bins.segmentation = sampled.segmentation
            and bins.feature = sampled.feature
            and bins.level = sampled.level
            and (bins.lower_edge is null or bins.lower_edge < sampled.feature_value)
            and (bins.upper_edge is null or bins.upper_edge >= sampled.feature_value)
    group by bins.segmentation, bins.feature, bins.level, bins.bin

),

shared as (

    select
        segmentation,
        feature,
        level,
        bin,
        training_share,
        {{ significant('weight / nullif(sum(weight) over (partition by segmentation, feature, level), 0)') }} as share
    from binned

),

cumulated as (

    select
        segmentation,
        feature,
        level,
        greatest(training_share, {{ least_share }}) as training_share,
        greatest(share, {{ least_share }}) as share,
        sum(share - training_share) over (
            partition by segmentation, feature, level
            order by bin
            rows between unbounded preceding and current row
        ) as difference_so_far
    from shared
    where share is not null

),

distances as (

    select
        segmentation,
        feature,
        level,
        sum((share - training_share) * ln(share / training_share)) as stability_index,
        max(abs(difference_so_far)) as distribution_difference
    from cumulated
    group by segmentation, feature, level

),

ranges as (

    select
        segmentation,
        feature,
        level,
        max(minimum) as minimum,
        max(maximum) as maximum,
        max(mean) as training_mean,
        max(effective_rows) as effective_rows
    from training_bins
    group by segmentation, feature, level

),

today as (

    select
        sampled.segmentation,
        sampled.feature,
        sampled.level,
        -- Weighted rows tell as much as this many equal ones (Kish, "Survey Sampling", 1965).
        power(sum(sampled.sample_weight), 2) / sum(sampled.sample_weight * sampled.sample_weight) as effective_rows,
        sum(sampled.sample_weight * sampled.feature_value) / sum(sampled.sample_weight) as mean,
        sum(case
            when sampled.feature_value between ranges.minimum and ranges.maximum then 0.0
            else sampled.sample_weight
        end) / sum(sampled.sample_weight) as share_outside
    from sampled
    inner join ranges
        on
            sampled.segmentation = ranges.segmentation
            and sampled.feature = ranges.feature
            and sampled.level = ranges.level
    group by sampled.segmentation, sampled.feature, sampled.level

),

-- Models are trained on customers with every number that has no fill of its own, so the sizes of the segments are
-- compared among those.
complete_customers as (

    {% for segmentation in var('segmentations') -%}
    select
        '{{ segmentation }}' as segmentation,
        {{ segmentation }}_segment_id as segment_id,
        count(*) as customers
    from {{ ref('customer_scores') }}
    where
        {{ segmentation }}_segment_id is not null
        {% for name in segmentation_numbers(segmentation) if columns.get(name, {}).get('fill') is none -%}
        and not ({{ is_imputed(name, 'imputed_features') }})
        {% endfor -%}
    group by {{ segmentation }}_segment_id
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

segment_shares as (

    select
        segmentation,
        segment_id,
        max(training_share) as training_share
    from {{ ref('segment_centroids') }}
    group by segmentation, segment_id

),

compared_segments as (

    select
        segment_shares.segmentation,
        segment_shares.training_share,
        coalesce(complete_customers.customers, 0) * 1e0
        / nullif(sum(complete_customers.customers) over (partition by segment_shares.segmentation), 0) as share,
        coalesce(complete_customers.customers, 0) as customers
    from segment_shares
    left join complete_customers
        on
            segment_shares.segmentation = complete_customers.segmentation
            and segment_shares.segment_id = complete_customers.segment_id

),

mixes as (

    select
        segmentation,
        sum(
            (greatest(share, {{ least_share }}) - greatest(training_share, {{ least_share }}))
            * ln(greatest(share, {{ least_share }}) / greatest(training_share, {{ least_share }}))
        ) as segment_mix_index,
        5e-1 * sum(abs(share - training_share)) as segment_mix_difference,
        count(*) as segments,
        sum(customers) as customers
    from compared_segments
    where share is not null
    group by segmentation

),

measured as (

    select
        champions.segmentation,
        champions.model_version,
        champion_features.feature,
        champion_features.level,
        champion_features.label,
        champion_features.unit,
        ranges.training_mean,
        today.mean,
        distances.stability_index,
        distances.distribution_difference,
        coalesce(ranges.effective_rows, champions.training_rows) as training_rows,
        today.effective_rows as rows_today,
        today.share_outside,
        mixes.segment_mix_index,
        mixes.segment_mix_difference,
        mixes.segments,
        mixes.customers,
        ln(families.tests / {{ false_alarms }}) as strictness
    from champions
    inner join champion_features on champions.segmentation = champion_features.segmentation
    cross join families
    left join ranges
        on
            champions.segmentation = ranges.segmentation
            and champion_features.feature = ranges.feature
            and champion_features.level = ranges.level
    left join today
        on
            champions.segmentation = today.segmentation
            and champion_features.feature = today.feature
            and champion_features.level = today.level
    left join distances
        on
            champions.segmentation = distances.segmentation
            and champion_features.feature = distances.feature
            and champion_features.level = distances.level
    left join mixes on champions.segmentation = mixes.segmentation

),

-- Of two samples of one distribution, the largest difference between the shares up to a value is over the first limit
-- in at most 1 of tests / false_alarms cases (Dvoretzky, Kiefer, Wolfowitz; for two samples Wei, Dudley, 2012), and
-- the difference of the shares of any set of segments over the second (Hoeffding, 1963).
chances as (

    select
        *,
        sqrt((1 + strictness) / 2 * (1 / training_rows + 1 / rows_today)) as chance_difference,
        sqrt(
            (segments * ln(2e0) + strictness) / 2
            * (1 / training_rows + 1 / nullif(cast(customers as {{ type_double() }}), 0))
        ) as segment_mix_chance_difference,
        share_outside * rows_today as rows_outside,
        rows_today / (training_rows + rows_today) as part_today
    from measured

),

-- Where both samples are of one distribution, the values under the least and over the greatest of training are those
-- that come before it when all are in order: at least r of them with the chance part^r * (1 + r * (1 - part)).
judged as (

    select
        *,
        coalesce(
            stability_index > {{ limits.stability_index }} and distribution_difference > chance_difference, false
        ) as is_shifted,
        coalesce(
            share_outside > {{ limits.share_outside }}
            and rows_outside * ln(part_today) + ln(1 + rows_outside * (1 - part_today)) < -strictness,
            false
        ) as is_outside,
        coalesce(
            segment_mix_index > {{ limits.stability_index }}
            and segment_mix_difference > segment_mix_chance_difference,
            false
        ) as has_other_sizes,
        training_mean is null as is_unknown,
        mean is null as is_missing
    from chances

),

worded as (

    select
        *,
        is_shifted or is_outside or has_other_sizes or is_unknown or is_missing as needs_retraining,
        case
            when level != ''
                then label || ' is ' || level || ' for ' || {{ plain_text('100 * mean') }} || ' % against '
                    || {{ plain_text('100 * training_mean') }} || ' % in training'
            else
                label || ' averages ' || {{ with_unit(plain_text('mean', 2), 'unit', is_column=true) }}
                || ' against ' || {{ plain_text('training_mean', 2) }} || ' in training'
        end as comparison
    from judged

),

drift as (

    select
        ---------- ids
        segmentation,
        feature,
        level,
        cast(model_version as integer) as model_version,

        ---------- the customers the model was trained on, and today's
        {{ significant('training_mean') }} as training_mean,
        {{ significant('mean') }} as mean,
        {{ significant('stability_index') }} as stability_index,
        {{ significant('distribution_difference') }} as distribution_difference,
        {{ significant('chance_difference') }} as chance_difference,
        {{ significant('share_outside') }} as share_outside_training_range,

        ---------- the sizes of the segments, equal on every row of a segmentation
        {{ significant('segment_mix_index') }} as segment_mix_index,
        {{ significant('segment_mix_difference') }} as segment_mix_difference,
        {{ significant('segment_mix_chance_difference') }} as segment_mix_chance_difference,

        ---------- verdict
        needs_retraining,
        case
            when is_unknown
                then 'Retrain: how ' || label
                    || ' was distributed in training is not known, so that no drift of it shows.'
            when is_missing then 'Look: no customer with every feature of the segmentation has ' || label || ' today.'
            else
                case when needs_retraining then 'Retrain: ' else 'Stable: ' end || comparison
                || case when is_shifted then ', its distribution has moved' else '' end
                || case
                    when is_outside
                        then ', ' || {{ plain_text('100 * share_outside') }}
                            || ' % of customers are beyond the training range'
                    else ''
                end
                || case when has_other_sizes then ', the segments have changed their sizes' else '' end
                || '.'
        end as reading
    from worded

)

select * from drift
