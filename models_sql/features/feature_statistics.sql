{%- set features = numeric_features() -%}
with

customers as (

    select * from {{ ref('observed_features') }}

),

-- One pass over the customers; a row per feature only afterwards.
measured as (

    select
        count(*) as customers,
        {% for name in features -%}
        count({{ name }}) as {{ name }}_count,
        avg({{ name }}) as {{ name }}_mean,
        stddev_pop({{ name }}) as {{ name }}_stddev,
        median({{ name }}) as {{ name }}_median,
        min({{ name }}) as {{ name }}_min,
        max({{ name }}) as {{ name }}_max{{ ',' if not loop.last }}
        {% endfor %}
    from customers

),

by_feature as (

    {% for name, feature in features.items() -%}
    select
        '{{ name }}' as feature,
        '{{ feature.label }}' as label,
        '{{ feature.unit }}' as unit,
        {{ loop.index }} as feature_order,
        customers,
        customers - {{ name }}_count as missing_count,
        {{ name }}_mean as mean,
        {{ name }}_stddev as stddev,
        {{ name }}_median as median,
        {{ name }}_min as minimum,
        {{ name }}_max as maximum
    from measured
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

rounded as (

    select
        feature,
        label,
        unit,
        feature_order,
        customers,
        missing_count,
        {{ significant('mean') }} as mean,
        {{ significant('stddev') }} as stddev,
        median,
        minimum,
        maximum
    from by_feature

)

select * from rounded
