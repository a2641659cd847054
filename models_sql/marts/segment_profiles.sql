{%- set features = numeric_features() -%}
with

{% for segmentation in var('segmentations') -%}
{{ segmentation }}_segments as (

    select
        {{ segmentation }}_segment_id as segment_id,
        count(*) as customers,
        {% for feature in features -%}
        avg({{ feature }}) as {{ feature }}_mean,
        stddev_pop({{ feature }}) as {{ feature }}_stddev{{ ',' if not loop.last }}
        {% endfor %}
    from {{ ref('customer_scores') }}
    where {{ segmentation }}_segment_id is not null
    group by {{ segmentation }}_segment_id

),

{% endfor -%}
by_feature as (

    {% for segmentation in var('segmentations') -%}
    {% set outer = loop -%}
    {% for feature in features -%}
    select
        '{{ segmentation }}' as segmentation,
        segment_id,
        '{{ feature }}' as feature,
        customers,
        {{ feature }}_mean as mean,
        {{ feature }}_stddev as stddev
    from {{ segmentation }}_segments
    {{ 'union all' if not (loop.last and outer.last) }}
    {% endfor -%}
    {% endfor %}

),

compared as (

    select
        by_feature.segmentation,
        by_feature.segment_id,
        by_feature.feature,
        statistics.label,
        statistics.unit,
        statistics.feature_order,
        by_feature.customers,
        by_feature.mean,
        spreads.p50 as median,
        by_feature.stddev,
        (by_feature.mean - statistics.mean) / nullif(statistics.stddev, 0) as z_score,
        by_feature.mean / nullif(statistics.mean, 0) as ratio_to_all,
        centroids.center,
        centroids.scale
    from by_feature
    inner join {{ ref('feature_statistics') }} as statistics on by_feature.feature = statistics.feature
    left join {{ ref('segment_spreads') }} as spreads
        on
            by_feature.segmentation = spreads.segmentation
            and by_feature.segment_id = spreads.segment_id
            and by_feature.feature = spreads.feature
    left join {{ ref('segment_centroids') }} as centroids
        on
            by_feature.segmentation = centroids.segmentation
            and by_feature.segment_id = centroids.segment_id
            and by_feature.feature = centroids.feature

),

profiles as (

    select
        ---------- ids
        segmentation,
        cast(segment_id as integer) as segment_id,
        feature,

        ---------- how to speak of the feature
        label,
        unit,
        cast(feature_order as integer) as feature_order,

        ---------- the segment's customers
        customers,
        {{ significant('mean') }} as mean,
        median,
        {{ significant('stddev') }} as stddev,

        ---------- against all customers
        {{ significant('z_score') }} as z_score,
        {{ significant('ratio_to_all') }} as ratio_to_all,

        ---------- the model
        center,
        scale
    from compared

)

select * from profiles
