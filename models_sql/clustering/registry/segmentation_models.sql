{%- set gates = var('gates') -%}
with

fits as (

    select * from {{ ref('trained_centroids') }}

),

wanted_features as (

    select distinct
        segmentation,
        feature,
        weight
    from {{ ref('segmentation_features') }}

),

known_features as (

    select distinct
        segmentation,
        model_version,
        feature,
        weight
    from {{ ref('trained_features') }}

),

wanted_counts as (

    select
        segmentation,
        count(*) as features
    from wanted_features
    group by segmentation

),

-- A model scores customers only if it was trained on the features that the segmentation names today.
matching_features as (

    select
        known.segmentation,
        known.model_version,
        count(*) as features,
        count(wanted.feature) as shared_features
    from known_features as known
    left join wanted_features as wanted
        on
            known.segmentation = wanted.segmentation
            and known.feature = wanted.feature
            and known.weight = wanted.weight
    group by known.segmentation, known.model_version

),

models as (

    select
        segmentation,
        model_version,
        max(n_clusters) as n_clusters,
        max(features) as features,
        max(random_seed) as random_seed,
        max(training_rows) as training_rows,
        max(data_hash) as data_hash,
        max(package_versions) as package_versions,
        max(inertia) as inertia,
        max(silhouette) as silhouette,
        max(stability) as stability,
        max(smallest_share) as smallest_share,
        max(incumbent_version) as incumbent_version,
        max(incumbent_silhouette) as incumbent_silhouette,
        max(trained_at) as trained_at
    from fits
    group by segmentation, model_version

),

slots as (

    {% for segmentation in var('segmentations') -%}
    select
        '{{ segmentation }}' as segmentation,
        {{ max_cluster_count(segmentation) }} as most_clusters,
        cast({{ var('segmentations')[segmentation].get('n_clusters', 'null') }} as integer) as fixed_clusters,
        cast({{ (var('pinned_versions') or {}).get(segmentation, 'null') }} as integer) as pinned_version,
        {{ 'true' if is_by_rules(segmentation) else 'false' }} as is_by_rules
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

gated as (

    select
        models.*,
        slots.pinned_version,
        ({{ is_ruled('models.package_versions') }}) = slots.is_by_rules as is_of_method,
        coalesce(
            matching.features = wanted_counts.features
            and matching.shared_features = wanted_counts.features
            and models.n_clusters <= slots.most_clusters
            and ({{ is_ruled('models.package_versions') }}) = slots.is_by_rules,
            false
        ) as is_usable,
        -- Where the training rows are a sample, a share of them stands for that share of all customers.
        models.smallest_share * models.training_rows as smallest_rows,
        {{ smallest_segment('models.training_rows') }} as fewest_rows,
        coalesce(models.stability >= {{ gates.stability }}, true) as passes_stability,
        -- Who fixes the number of segments has chosen it over the silhouette.
        coalesce(models.silhouette >= models.incumbent_silhouette - {{ gates.silhouette_tolerance }}, true)
        or coalesce(models.n_clusters = slots.fixed_clusters, false) as passes_silhouette
    from models
    left join matching_features as matching
        on models.segmentation = matching.segmentation and models.model_version = matching.model_version
    left join wanted_counts on models.segmentation = wanted_counts.segmentation
    left join slots on models.segmentation = slots.segmentation

),

sized as (

    select
        *,
        -- A product of a rounded share may lie a hair under the whole number it stands for.
        coalesce(smallest_rows >= fewest_rows - 1e-6, true) as passes_smallest_share
    from gated

),

judged as (

    select
        *,
        passes_smallest_share and passes_stability and passes_silhouette as passes_gates
    from sized

),

-- The pinned version leads; without one the latest that passes every gate, and before any has, the first.
ranked as (

    select
        *,
        row_number() over (
            partition by segmentation
            order by
                case when is_usable then 0 else 1 end,
                case when model_version = pinned_version then 0 else 1 end,
                case when passes_gates then 0 else 1 end,
                case when passes_gates then -model_version else model_version end
        ) as choice,
        row_number() over (partition by segmentation order by model_version desc) as recency
    from judged

),

registry as (

    select
        ---------- ids
        segmentation,
        cast(model_version as integer) as model_version,

        ---------- the run
        cast(n_clusters as integer) as n_clusters,
        features,
        random_seed,
        training_rows,
        data_hash,
        package_versions,

        ---------- scores
        inertia,
        silhouette,
        stability,
        smallest_share,
        cast(incumbent_version as integer) as incumbent_version,
        incumbent_silhouette,

        ---------- verdict
        passes_smallest_share,
        passes_stability,
        passes_silhouette,
        passes_gates,
        is_usable,
        recency = 1 as is_latest,
        is_usable and choice = 1 as is_champion,
        case
            when is_usable and choice = 1 and model_version = pinned_version then 'champion: pinned'
            when is_usable and choice = 1 and {{ is_ruled('package_versions') }}
                then 'champion: the latest, by rule and without gates'
            when is_usable and choice = 1 and passes_gates then 'champion: passed every gate'
            when is_usable and choice = 1 then 'champion for want of one that passes every gate'
            when not is_of_method then 'not used: made by another method'
            when not is_usable then 'not used: trained on other features or weights'
            when passes_gates then 'not used: another version leads'
            else 'not used: failed a gate'
        end
        || case
            when passes_smallest_share then ''
            else '; smallest segment holds ' || {{ plain_text('smallest_rows', 0) }} || ' of '
                || {{ plain_text('training_rows', 0) }} || ' training rows, under '
                || {{ plain_text('fewest_rows', 0) }}
        end
        || case
            when passes_stability then ''
            else '; stability ' || {{ plain_text('stability', 3) }} || ' is under {{ said_number(gates.stability) }}'
        end
        || case
            when passes_silhouette then ''
            else '; silhouette ' || {{ plain_text('silhouette', 3) }}
                || ' is more than {{ said_number(gates.silhouette_tolerance) }} under the '
                || {{ plain_text('incumbent_silhouette', 3) }} || ' of version '
                || cast(cast(incumbent_version as integer) as {{ dbt.type_string() }})
        end as verdict,
        cast(trained_at as timestamp) as trained_at
    from ranked

)

select * from registry
