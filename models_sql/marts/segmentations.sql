{%- set most_features = var('segmentations').values() | map(attribute='features') | map('length') | max -%}
with

-- The order of the var is the project's order of everything that lists segmentations.
positions as (

    {% for segmentation in var('segmentations') -%}
    select
        '{{ segmentation }}' as segmentation,
        {{ loop.index }} as position
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

spreads as (

    select
        segmentation,
        feature,
        round(1e9 * stddev_pop(center / scale)) as spread
    from {{ ref('segment_centroids') }}
    group by segmentation, feature

),

features as (

    select
        features.segmentation,
        features.feature,
        features.label,
        features.feature_position,
        count(*) over (partition by features.segmentation) as features,
        -- A map has two axes: the features along which the segments lie farthest apart.
        row_number() over (
            partition by features.segmentation
            order by coalesce(spreads.spread, 0) desc, features.feature_position
        ) as spread_rank
    from {{ ref('segmentation_features') }} as features
    left join spreads on features.segmentation = spreads.segmentation and features.feature = spreads.feature

),

listed as (

    select
        segmentation,
        feature,
        feature_position,
        case when spread_rank <= 2 then feature_position end as axis_position,
        case
            when feature_position = 1 then upper(substr(label, 1, 1)) || substr(label, 2)
            when feature_position = features then ' and ' || label
            else ', ' || label
        end as title_part,
        case when feature_position = 1 then '' else ', ' end || feature as features_part
    from features

),

axes as (

    select
        segmentation,
        min(axis_position) as x_position,
        max(axis_position) as y_position
    from listed
    group by segmentation

),

described as (

    select
        listed.segmentation,
        {% for part in ['title', 'features'] -%}
        {% for position in range(1, most_features + 1) -%}
        {{ '|| ' if not loop.first -}}
        coalesce(max(case when listed.feature_position = {{ position }} then listed.{{ part }}_part end), '')
        {% endfor -%}
        as {{ part }},
        {% endfor -%}
        max(case when listed.feature_position = axes.x_position then listed.feature end) as x_feature,
        max(
            case
                when listed.feature_position = axes.y_position and axes.y_position > axes.x_position
                    then listed.feature
            end
        ) as y_feature
    from listed
    inner join axes on listed.segmentation = axes.segmentation
    group by listed.segmentation

),

champions as (

    select
        segmentation,
        model_version,
        n_clusters,
        cast(trained_at as date) as trained_on
    from {{ ref('segmentation_models') }}
    where is_champion

),

segmentations as (

    select
        ---------- ids
        positions.segmentation,
        cast(positions.position as integer) as position,

        ---------- what it looks at
        described.title,
        described.features,
        described.x_feature,
        described.y_feature,

        ---------- the model in use
        champions.n_clusters,
        champions.model_version,
        champions.trained_on as as_of,
        case
            when champions.n_clusters != counts.n_clusters
                then 'The model in use, version ' || cast(champions.model_version as {{ dbt.type_string() }})
                    || ', has ' || cast(champions.n_clusters as {{ dbt.type_string() }})
                    || ' segments; the newest scores say: ' || counts.reason
            else counts.reason
        end as reason
    from positions
    inner join described on positions.segmentation = described.segmentation
    left join champions on positions.segmentation = champions.segmentation
    left join {{ ref('cluster_counts') }} as counts on positions.segmentation = counts.segmentation

)

select * from segmentations
