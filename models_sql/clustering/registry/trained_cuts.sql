{{ config(
    enabled=scores_purchases() or has_rules(),
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='append_new_columns',
    full_refresh=false,
) }}
-- Written once per version, before its centers, which make it count.
{%- set rules = segmentations_by('rules') -%}
{#- A feature has the same cut points in every segmentation, so they are taken where it stands first. -#}
{%- set features = {} -%}
{%- for segmentation in rules -%}
    {%- for feature in segmentation_numbers(segmentation) if feature not in features -%}
        {%- do features.update({feature: segmentation}) -%}
    {%- endfor -%}
{%- endfor -%}
{%- set best = best_score() -%}
{%- set values -%}
    select
        feature,
        value,
        {{ value_bin('value', 'low_fence', 'high_fence') }} as bin
    from (
        {% for feature, segmentation in features.items() -%}
        select
            statistics.feature,
            coalesce(customers.{{ feature }}, fills.fill_value) as value,
            statistics.low_fence,
            statistics.high_fence
        from {{ ref('observed_features') }} as customers
        cross join {{ ref('feature_statistics') }} as statistics
        cross join {{ ref('segmentation_features') }} as fills
        where
            statistics.feature = '{{ feature }}'
            and fills.feature = '{{ feature }}'
            and fills.segmentation = '{{ segmentation }}'
        {{ 'union all' if not loop.last }}
        {% endfor %}
    ) as long_customers
{%- endset %}
with

new_versions as (

    {{ new_versions('trained_cuts') }}

),
{% if rules %}
{%- set fractions = {} -%}
{%- for step in range(1, best) -%}
    {%- do fractions.update({'up_to_' ~ step: step ~ 'e0 / ' ~ best}) -%}
{%- endfor %}
versions as (

    select versions.*
    from {{ ref('rule_versions') }} as versions
    inner join new_versions
        on
            versions.segmentation = new_versions.segmentation
            and versions.model_version = new_versions.model_version

),

-- What parts the customers into fifths, those who share a value together.
quantiles_of_today as (

    {{ quantiles(['feature'], values, fractions) }}

),

-- Least days are the best score of a recency, and most of everything else.
cuts_of_today as (

    {% for segmentation in rules -%}
    {% set outer = loop -%}
    {% for feature in segmentation_numbers(segmentation) -%}
    {% set middle = loop -%}
    {% for step in range(1, best + 1) -%}
    select
        '{{ segmentation }}' as segmentation,
        quantiles_of_today.feature,
        {{ best + 1 - step if feature == recency_feature(segmentation) else step }} as score,
        {{ 'quantiles_of_today.up_to_' ~ step if step < best else 'statistics.maximum' }} as up_to
    from quantiles_of_today
    inner join {{ ref('feature_statistics') }} as statistics on quantiles_of_today.feature = statistics.feature
    where quantiles_of_today.feature = '{{ feature }}'
    {{ 'union all' if not (loop.last and middle.last and outer.last) }}
    {% endfor -%}
    {% endfor -%}
    {% endfor %}

),

rule_cuts as (

    select
        versions.segmentation,
        versions.model_version,
        today.feature,
        today.score,
        today.up_to
    from versions
    inner join cuts_of_today as today on versions.segmentation = today.segmentation
    where versions.cuts_version is null

    union all

    select
        versions.segmentation,
        versions.model_version,
        kept.feature,
        kept.score,
        kept.up_to
    from versions
    inner join {{ source('state', 'trained_cuts') }} as kept
        on versions.segmentation = kept.segmentation and versions.cuts_version = kept.model_version
    where kept.feature in ('{{ features | join("', '") }}')

),
{% endif %}
{%- if scores_purchases() %}
spending_cuts as (

    select
        new_versions.segmentation,
        new_versions.model_version,
        'spending_score' as feature,
        steps.score,
        steps.up_to
    from new_versions
    cross join {{ ref('spending_score_steps') }} as steps

),
{% endif %}
cuts as (
    {% if scores_purchases() %}
    select * from spending_cuts
    {%- endif %}
    {%- if scores_purchases() and rules %}
    union all
    {%- endif %}
    {%- if rules %}
    select * from rule_cuts
    {%- endif %}

)

select * from cuts
