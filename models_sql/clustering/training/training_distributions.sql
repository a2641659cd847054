{{
    config(
        materialized='incremental',
        full_refresh=false,
        on_schema_change='append_new_columns',
    )
}}
-- Today's sample is what the latest version was trained on, so its distribution is written down once, when the version
-- is new, and never changed after that.
{%- set bins = 10 %}

with

latest as (

    select
        segmentation,
        max(model_version) as model_version
    from {{ ref('trained_centroids') }}
    group by segmentation

),

{% if is_incremental() -%}
written as (

    select distinct
        segmentation,
        model_version
    from {{ this }}

),

{% endif -%}
new_versions as (

    select
        latest.segmentation,
        latest.model_version
    from latest
    {% if is_incremental() -%}
    left join written
        on latest.segmentation = written.segmentation and latest.model_version = written.model_version
    where written.model_version is null and not {{ var('freeze_training') }}
    {%- else -%}
    where not {{ var('freeze_training') }}
    {%- endif %}

),

sampled as (

    {{ training_values(ref('segmentation_features')) }}

),

weighted as (

    select
        sampled.segmentation,
        new_versions.model_version,
        sampled.feature,
        sampled.level,
        sampled.feature_value,
        sum(sampled.sample_weight) as weight,
        sum(sampled.sample_weight * sampled.sample_weight) as squared_weight
    from sampled
    inner join new_versions on sampled.segmentation = new_versions.segmentation
    group by
        sampled.segmentation, new_versions.model_version, sampled.feature, sampled.level,
        sampled.feature_value

),

cumulated as (

    select
        *,
        sum(weight) over (
            partition by segmentation, feature, level
            order by feature_value
            rows between unbounded preceding and current row
        ) as weight_so_far,
        sum(weight) over (partition by segmentation, feature, level) as weight_of_all
    from weighted

),

numbered_bins as (

    {% for bin in range(1, bins + 1) -%}
    select {{ bin }} as bin
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

-- The decile of a weighted sample: the least value at which that share of the customers is reached.
edges as (

    select
        cumulated.segmentation,
        cumulated.model_version,
        cumulated.feature,
        cumulated.level,
        numbered_bins.bin,
        case
            when numbered_bins.bin < {{ bins }}
                then min(case
                    when
                        cumulated.weight_so_far
                        >= cumulated.weight_of_all * (numbered_bins.bin - 1e-9) / {{ bins }}
                        then cumulated.feature_value
                end)
        end as upper_edge,
        min(cumulated.feature_value) as minimum,
        max(cumulated.feature_value) as maximum,
        sum(cumulated.weight * cumulated.feature_value) / max(cumulated.weight_of_all) as mean,
        -- Weighted rows tell as much as this many equal ones (Kish, "Survey Sampling", 1965).
        power(sum(cumulated.weight), 2) / sum(cumulated.squared_weight) as effective_rows
    from cumulated
    cross join numbered_bins
    group by
        cumulated.segmentation, cumulated.model_version, cumulated.feature, cumulated.level,
        numbered_bins.bin

),

bounded as (

    select
        *,
        lag(upper_edge) over (partition by segmentation, feature, level order by bin) as lower_edge
    from edges

),

shares as (

    select
        bounded.segmentation,
        bounded.model_version,
        bounded.feature,
        bounded.level,
        bounded.bin,
        bounded.lower_edge,
        bounded.upper_edge,
        sum(case
            when
                (bounded.lower_edge is null or cumulated.feature_value > bounded.lower_edge)
                and (bounded.upper_edge is null or cumulated.feature_value <= bounded.upper_edge)
                then cumulated.weight
            else 0.0
        end) / max(cumulated.weight_of_all) as share,
        max(bounded.minimum) as minimum,
        max(bounded.maximum) as maximum,
        max(bounded.mean) as mean,
        max(bounded.effective_rows) as effective_rows
    from bounded
    inner join cumulated
        on
            bounded.segmentation = cumulated.segmentation
            and bounded.feature = cumulated.feature
            and bounded.level = cumulated.level
    group by
        bounded.segmentation, bounded.model_version, bounded.feature, bounded.level,
        bounded.bin, bounded.lower_edge, bounded.upper_edge

),

distributions as (

    select
        ---------- ids
        segmentation,
        model_version,
        feature,
        level,
        cast(bin as integer) as bin,

        ---------- the bin: over the lower edge, up to and with the upper one
        lower_edge,
        upper_edge,
        {{ significant('share') }} as share,

        ---------- the whole distribution, equal on every row of a feature
        minimum,
        maximum,
        {{ significant('mean') }} as mean,
        {{ significant('effective_rows') }} as effective_rows
    from shares

)

select * from distributions
