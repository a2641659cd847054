{%- set features = numeric_features() -%}
with

-- One row, a column per figure, so that no join multiplies the customers.
statistics as (

    select
        {% for feature in features -%}
        {% for figure in ('low_fence', 'high_fence', 'scaled_mean', 'scaled_stddev') -%}
        max(case when feature = '{{ feature }}' then {{ figure }} end) as {{ feature }}_{{ figure }},
        {% endfor -%}
        max(case when feature = '{{ feature }}' and transform = 'log' then 1 else 0 end) as {{ feature }}_is_log,
        {% endfor -%}
        count(*) as features
    from {{ ref('feature_statistics') }}

),

{% for segmentation in var('segmentations') -%}
{{ segmentation }}_segments as (

    select
        scores.{{ segmentation }}_segment_id as segment_id,
        count(*) as customers,
        {% for feature in features -%}
        {%- set held_value = held('scores.' ~ feature, feature ~ '_low_fence', feature ~ '_high_fence') -%}
        {%- set scaled -%}
            ({{ transformed('(' ~ held_value ~ ')', feature ~ '_is_log = 1') }} - {{ feature }}_scaled_mean)
            / nullif({{ feature }}_scaled_stddev, 0)
        {%- endset -%}
        avg(scores.{{ feature }}) as {{ feature }}_mean,
        stddev_pop(scores.{{ feature }}) as {{ feature }}_stddev,
        avg({{ scaled }}) as {{ feature }}_scaled_z_score,
        stddev_samp({{ scaled }}) as {{ feature }}_scaled_stddev_within{{ ',' if not loop.last }}
        {% endfor %}
    from {{ ref('customer_scores') }} as scores
    cross join statistics
    where scores.{{ segmentation }}_segment_id is not null
    group by scores.{{ segmentation }}_segment_id

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
        {{ feature }}_stddev as stddev,
        {{ feature }}_scaled_z_score as scaled_z_score,
        1.96 * {{ feature }}_scaled_stddev_within / sqrt(customers) as half_width
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
        by_feature.scaled_z_score,
        by_feature.half_width,
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
        {{ segment_key() }} as segment_key,
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
        {{ significant('scaled_z_score') }} as scaled_z_score,
        {{ significant('half_width') }} as scaled_half_width,

        ---------- the model
        center,
        scale
    from compared

)

select * from profiles
