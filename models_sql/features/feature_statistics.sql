{%- set features = numeric_features() -%}
{%- set values -%}
    select
        feature_order,
        value,
        {{ value_bin('value', 'minimum', 'maximum') }} as bin
    from (
        select
            by_feature.feature_order,
            by_feature.minimum,
            by_feature.maximum,
            case by_feature.feature
                {% for name in features -%}
                when '{{ name }}' then customers.{{ name }}
                {% endfor -%}
            end as value
        from {{ ref('observed_features') }} as customers
        cross join by_feature
    ) as long_customers
{%- endset -%}
with

-- One pass over the customers; a row per feature only afterwards. They are read anew for the medians, because
-- DuckDB keeps the rows of a CTE that is read twice.
measured as (

    select
        count(*) as customers,
        {% for name in features -%}
        count({{ name }}) as {{ name }}_count,
        avg({{ name }}) as {{ name }}_mean,
        stddev_pop({{ name }}) as {{ name }}_stddev,
        min({{ name }}) as {{ name }}_min,
        max({{ name }}) as {{ name }}_max{{ ',' if not loop.last }}
        {% endfor %}
    from {{ ref('observed_features') }}

),

by_feature as (

    {% for name, feature in features.items() -%}
    select
        {{ sql_text(name) }} as feature,
        {{ sql_text(feature.label) }} as label,
        {{ sql_text(feature.unit) }} as unit,
        {{ loop.index }} as feature_order,
        customers,
        customers - {{ name }}_count as missing_count,
        {{ name }}_mean as mean,
        {{ name }}_stddev as stddev,
        {{ name }}_min as minimum,
        {{ name }}_max as maximum
    from measured
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

middles as (

    {{ medians(['feature_order'], values) }}

),

rounded as (

    select
        by_feature.feature,
        by_feature.label,
        by_feature.unit,
        by_feature.feature_order,
        by_feature.customers,
        by_feature.missing_count,
        {{ significant('by_feature.mean') }} as mean,
        {{ significant('by_feature.stddev') }} as stddev,
        middles.median,
        by_feature.minimum,
        by_feature.maximum
    from by_feature
    left join middles on by_feature.feature_order = middles.feature_order

)

select * from rounded
