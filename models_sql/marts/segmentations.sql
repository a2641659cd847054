{%- set labels = customer_columns() -%}
{%- do labels.update(numeric_features()) -%}
{%- set most_features = var('segmentations').values() | map(attribute='features') | map('length') | max -%}
with

-- The order of the var is the project's order of everything that lists segmentations.
listed as (

    {% for segmentation in var('segmentations') -%}
    {% set outer = loop -%}
    {% for feature, setting in segmentation_features(segmentation).items() -%}
    select
        '{{ segmentation }}' as segmentation,
        {{ outer.index }} as position,
        '{{ feature }}' as feature,
        {{ sql_text(labels.get(feature, {}).get('label', feature | replace('_', ' '))) }} as label,
        {{ loop.index }} as feature_position,
        {{ loop.length }} as features,
        {{ 'false' if setting.is_category else 'true' }} as is_number
    {{ 'union all' if not (loop.last and outer.last) }}
    {% endfor -%}
    {% endfor %}

),

spreads as (

    select
        segmentation,
        feature,
        round(1e9 * stddev_pop({{ transformed('center', "transform = 'log'") }} / scale)) as spread
    from {{ ref('segment_centroids') }}
    group by segmentation, feature

),

-- A map has two axes: the numbers along which the segments lie farthest apart.
candidates as (

    select
        listed.segmentation,
        listed.feature_position,
        row_number() over (
            partition by listed.segmentation
            order by coalesce(spreads.spread, 0) desc, listed.feature_position
        ) as spread_rank
    from listed
    left join spreads on listed.segmentation = spreads.segmentation and listed.feature = spreads.feature
    where listed.is_number

),

axes as (

    select
        segmentation,
        min(feature_position) as x_position,
        max(feature_position) as y_position
    from candidates
    where spread_rank <= 2
    group by segmentation

),

parts as (

    select
        *,
        case
            when feature_position = 1 then upper(substr(label, 1, 1)) || substr(label, 2)
            when feature_position = features then ' and ' || label
            else ', ' || label
        end as title_part,
        case when feature_position = 1 then '' else ', ' end || feature as features_part
    from listed

),

described as (

    select
        parts.segmentation,
        max(parts.position) as position,
        {% for part in ['title', 'features'] -%}
        {% for position in range(1, most_features + 1) -%}
        {{ '|| ' if not loop.first -}}
        coalesce(max(case when parts.feature_position = {{ position }} then parts.{{ part }}_part end), '')
        {% endfor -%}
        as {{ part }},
        {% endfor -%}
        max(case when parts.feature_position = axes.x_position then parts.feature end) as x_feature,
        max(
            case
                when parts.feature_position = axes.y_position and axes.y_position > axes.x_position
                    then parts.feature
            end
        ) as y_feature
    from parts
    left join axes on parts.segmentation = axes.segmentation
    group by parts.segmentation

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
        described.segmentation,
        cast(described.position as integer) as position,

        ---------- what it looks at
        described.title,
        described.features,
        described.x_feature,
        described.y_feature,

        ---------- the model in use
        champions.n_clusters,
        counts.is_natural,
        champions.model_version,
        coalesce(as_of_day.as_of, champions.trained_on) as as_of,
        case
            {% for segmentation in segmentations_by('rules') -%}
            {%- set recency = labels.get(recency_feature(segmentation), {}).get('label', '') -%}
            when described.segmentation = '{{ segmentation }}' and champions.model_version is not null
                then
                    'Groups by rule, not found in the data. Every customer has a score of each feature, from 1 to '
                    || '{{ best_score() }} by fifths of the customers, equal values alike; the best is for the most, and '
                    || {{ sql_text('of ' ~ recency ~ ' for the least. ') }}
                    || 'That score and '
                    || '{{ 'the mean of the other two' if segmentation_numbers(segmentation) | length > 2 else 'the other' }}'
                    || ' name the group, '
                    || 'by the cut points of model version '
                    || cast(champions.model_version as {{ dbt.type_string() }}) || '.'
            {% endfor -%}
            when champions.n_clusters != counts.n_clusters
                then 'The model in use, version ' || cast(champions.model_version as {{ dbt.type_string() }})
                    || ', has ' || cast(champions.n_clusters as {{ dbt.type_string() }})
                    || ' segments; the newest scores say: ' || counts.reason
            else counts.reason
        end as reason
    from described
    cross join {{ ref('as_of_day') }} as as_of_day
    left join champions on described.segmentation = champions.segmentation
    left join {{ ref('cluster_counts') }} as counts on described.segmentation = counts.segmentation

)

select * from segmentations
