{%- set features = numeric_features() -%}
{%- set values -%}
    select
        feature_order,
        value,
        {{ value_bin('value', 'low_fence', 'high_fence') }} as bin
    from (
        select
            by_feature.feature_order,
            by_feature.low_fence,
            by_feature.high_fence,
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

-- One pass over the customers; a row per feature only afterwards. They are read again for the medians, because
-- DuckDB keeps the rows of a CTE that is read twice.
measured as (

    select
        count(*) as customers,
        {% for name in features -%}
        count({{ name }}) as {{ name }}_count,
        min({{ name }}) as {{ name }}_min,
        max({{ name }}) as {{ name }}_max{{ ',' if not loop.last }}
        {% endfor %}
    from {{ ref('observed_features') }}

),

counted as (

    {% for name, feature in features.items() -%}
    select
        {{ sql_text(name) }} as feature,
        {{ sql_text(feature.label) }} as label,
        {{ sql_text(feature.unit) }} as unit,
        {{ loop.index }} as feature_order,
        customers,
        customers - {{ name }}_count as missing_count,
        {{ name }}_min as minimum,
        {{ name }}_max as maximum
    from measured
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

-- Mean and deviation are those of the held values: a handful of wild ones does not move them.
by_feature as (

    select
        counted.*,
        scales.held_mean,
        scales.held_stddev,
        scales.transform,
        scales.transform_reason,
        scales.mean as scaled_mean,
        scales.stddev as scaled_stddev,
        scales.low_fence,
        scales.high_fence
    from counted
    inner join {{ ref('feature_scales') }} as scales on counted.feature = scales.feature and scales.setting = 'auto'

),

middles as (

    {{ quantiles(['feature_order'], values, {'median': '5e-1'}) }}

),

statistics as (

    select
        ---------- ids
        by_feature.feature,

        ---------- how to speak of it
        by_feature.label,
        by_feature.unit,
        cast(by_feature.feature_order as integer) as feature_order,

        ---------- the values that are known
        by_feature.customers,
        by_feature.missing_count,
        by_feature.held_mean as mean,
        by_feature.held_stddev as stddev,
        middles.median,
        by_feature.minimum,
        by_feature.maximum,

        ---------- the scale for comparing them
        by_feature.transform,
        by_feature.transform_reason,
        by_feature.low_fence,
        by_feature.high_fence,
        by_feature.scaled_mean,
        by_feature.scaled_stddev
    from by_feature
    left join middles on by_feature.feature_order = middles.feature_order

)

select * from statistics
