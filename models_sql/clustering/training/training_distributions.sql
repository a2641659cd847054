-- Today's sample is what the latest version was trained on, so its distribution is written down once, when the version
-- is new, and kept from then on: this table reads its own former self.
{%- set former = adapter.get_relation(this.database, this.schema, this.identifier) if execute -%}
{%- set bins = 10 %}

with

latest as (

    select
        segmentation,
        max(model_version) as model_version
    from {{ ref('trained_centroids') }}
    group by segmentation

),

written as (

    {% if former -%}
    select
        segmentation,
        model_version,
        feature,
        bin,
        lower_edge,
        upper_edge,
        share,
        minimum,
        maximum,
        mean
    from {{ former }}
    {%- else -%}
    select
        cast(null as {{ dbt.type_string() }}) as segmentation,
        cast(null as integer) as model_version,
        cast(null as {{ dbt.type_string() }}) as feature,
        cast(null as integer) as bin,
        cast(null as double) as lower_edge,
        cast(null as double) as upper_edge,
        cast(null as double) as share,
        cast(null as double) as minimum,
        cast(null as double) as maximum,
        cast(null as double) as mean
    where false
    {%- endif %}

),

new_versions as (

    select
        latest.segmentation,
        latest.model_version
    from latest
    left join written
        on latest.segmentation = written.segmentation and latest.model_version = written.model_version
    where written.model_version is null and not {{ var('freeze_training') }}

),

sampled as (

    {{ training_values() }}

),

weighted as (

    select
        sampled.segmentation,
        new_versions.model_version,
        sampled.feature,
        sampled.feature_value,
        sum(sampled.sample_weight) as weight
    from sampled
    inner join new_versions on sampled.segmentation = new_versions.segmentation
    group by sampled.segmentation, new_versions.model_version, sampled.feature, sampled.feature_value

),

cumulated as (

    select
        *,
        sum(weight) over (
            partition by segmentation, feature
            order by feature_value
            rows between unbounded preceding and current row
        ) as weight_so_far,
        sum(weight) over (partition by segmentation, feature) as weight_of_all
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
        sum(cumulated.weight * cumulated.feature_value) / max(cumulated.weight_of_all) as mean
    from cumulated
    cross join numbered_bins
    group by cumulated.segmentation, cumulated.model_version, cumulated.feature, numbered_bins.bin

),

bounded as (

    select
        *,
        lag(upper_edge) over (partition by segmentation, feature order by bin) as lower_edge
    from edges

),

shares as (

    select
        bounded.segmentation,
        bounded.model_version,
        bounded.feature,
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
        max(bounded.mean) as mean
    from bounded
    inner join cumulated
        on bounded.segmentation = cumulated.segmentation and bounded.feature = cumulated.feature
    group by
        bounded.segmentation, bounded.model_version, bounded.feature,
        bounded.bin, bounded.lower_edge, bounded.upper_edge

),

distributions as (

    select * from written

    union all

    select
        ---------- ids
        segmentation,
        model_version,
        feature,
        cast(bin as integer) as bin,

        ---------- the bin: over the lower edge, up to and with the upper one
        lower_edge,
        upper_edge,
        {{ significant('share') }} as share,

        ---------- the whole distribution, equal on every row of a feature
        minimum,
        maximum,
        {{ significant('mean') }} as mean
    from shares

)

select * from distributions
