{{ config(materialized='view') }}
-- The centers of the versions that the registry does not hold yet, in the features' own units. By rule a center is the
-- mean of the sampled customers of its group; of an empty group that of all, as nothing is decided by it.
{%- set rules = segmentations_by('rules') %}
with

written as (

    select distinct
        segmentation,
        model_version
    from {{ source('state', 'trained_centroids') }}

),

fits as (

    select fits.*
    from {{ ref('segment_fits') }} as fits
    left join written
        on fits.segmentation = written.segmentation and fits.model_version = written.model_version
    where written.segmentation is null

),

in_own_units as (

    select
        fits.*,
        features.feature,
        features.level,
        {{ in_own_unit('(fits.center * features.scale + features.mean)', "features.transform = 'log'") }} as own_center
    from fits
    inner join {{ ref('trained_features') }} as features
        on
            fits.segmentation = features.segmentation
            and fits.model_version = features.model_version
            and fits.dimension = features.dimension

),

trained as (

    select
        ---------- ids
        segmentation,
        cast(model_version as integer) as model_version,
        cast(segment_id as integer) as segment_id,
        feature,
        level,

        ---------- the segment
        {{ significant('own_center') }} as center,
        -- Rounded up, so that the customer who marks the border keeps within it.
        {{ significant('outlier_distance * 1.000000001e0') }} as outlier_distance,
        training_share,
        training_customers,

        ---------- the run, equal on every row of a version
        cast(n_clusters as integer) as n_clusters,
        features,
        random_seed,
        training_rows,
        data_hash,
        fit_hash,
        package_versions,
        inertia,
        silhouette,
        stability,
        smallest_share,
        cast(incumbent_version as integer) as incumbent_version,
        incumbent_silhouette,
        cast(trained_at as timestamp) as trained_at
    from in_own_units

){% if rules %},

new_rules as (

    select versions.*
    from {{ ref('rule_versions') }} as versions
    left join written
        on versions.segmentation = written.segmentation and versions.model_version = written.model_version
    where written.segmentation is null

),

rule_features as (

    select
        features.segmentation,
        features.model_version,
        features.feature,
        features.level,
        features.fill_value
    from {{ ref('trained_features') }} as features
    inner join new_rules
        on features.segmentation = new_rules.segmentation and features.model_version = new_rules.model_version

),

{% for segmentation in rules %}
{{ segmentation }}_sample as (

    select * from {{ ref('training_sample') }}
    where segmentation = '{{ segmentation }}'

),

{{ scoring_steps(segmentation, segmentation ~ '_sample', 'rule_features', segmentation ~ '_new_rules') }},
{% endfor %}

ruled_values as (

    {% for segmentation in rules -%}
    {% set outer = loop -%}
    {% for feature in segmentation_numbers(segmentation) -%}
    select
        segmentation,
        {{ scores(segmentation, segmentation ~ '_new_rules').segment_id }} as segment_id,
        '{{ feature }}' as feature,
        {{ feature }} as feature_value,
        sample_weight
    from {{ segmentation }}_new_rules_scored
    where {{ feature }} is not null
    {{ 'union all' if not (loop.last and outer.last) }}
    {% endfor -%}
    {% endfor %}

),

means_of_all as (

    select
        segmentation,
        feature,
        sum(sample_weight * feature_value) / sum(sample_weight) as own_center,
        sum(sample_weight) as customers
    from ruled_values
    group by segmentation, feature

),

means_of_groups as (

    select
        segmentation,
        segment_id,
        feature,
        sum(sample_weight * feature_value) / sum(sample_weight) as own_center,
        sum(sample_weight) as customers
    from ruled_values
    group by segmentation, segment_id, feature

),

ruled_groups as (

    select distinct
        rules.segmentation,
        rules.model_version,
        rules.segment_id
    from {{ ref('trained_rules') }} as rules
    inner join new_rules
        on rules.segmentation = new_rules.segmentation and rules.model_version = new_rules.model_version

),

numbers_of_groups as (

    select
        segmentation,
        count(*) as n_clusters
    from ruled_groups
    group by segmentation

),

former_champions as (

    select
        segmentation,
        max(model_version) as model_version
    from {{ ref('incumbent_centroids') }}
    group by segmentation

),

ruled as (

    select
        ---------- ids
        groups.segmentation,
        groups.model_version,
        groups.segment_id,
        features.feature,
        features.level,

        ---------- the segment
        {{ significant('coalesce(members.own_center, everyone.own_center)') }} as center,
        cast(null as {{ type_double() }}) as outlier_distance,
        cast(coalesce(members.customers, 0) / everyone.customers as {{ type_double() }}) as training_share,
        cast(coalesce(members.customers, 0) as {{ type_double() }}) as training_customers,

        ---------- the run, equal on every row of a version
        cast(numbers_of_groups.n_clusters as integer) as n_clusters,
        new_rules.features,
        cast(null as bigint) as random_seed,
        new_rules.training_rows,
        new_rules.data_hash,
        new_rules.fit_hash,
        {{ by_rule() }} as package_versions,
        cast(null as {{ type_double() }}) as inertia,
        cast(null as {{ type_double() }}) as silhouette,
        cast(null as {{ type_double() }}) as stability,
        cast(null as {{ type_double() }}) as smallest_share,
        cast(former_champions.model_version as integer) as incumbent_version,
        cast(null as {{ type_double() }}) as incumbent_silhouette,
        cast('{{ run_started_at.strftime("%Y-%m-%d %H:%M:%S.%f") }}' as timestamp) as trained_at
    from ruled_groups as groups
    inner join new_rules on groups.segmentation = new_rules.segmentation
    inner join numbers_of_groups on groups.segmentation = numbers_of_groups.segmentation
    inner join rule_features as features on groups.segmentation = features.segmentation
    inner join means_of_all as everyone
        on groups.segmentation = everyone.segmentation and features.feature = everyone.feature
    left join means_of_groups as members
        on
            groups.segmentation = members.segmentation
            and groups.segment_id = members.segment_id
            and features.feature = members.feature
    left join former_champions on groups.segmentation = former_champions.segmentation

)

select * from trained
union all
select * from ruled{% else %}

select * from trained{% endif %}
