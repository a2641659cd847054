{{ config(materialized='view') }}
-- For a customer x and a target segment, the lead over another segment is linear in x: the other's squared distance
-- less the target's is `base` plus the sum of `slope` times x over the features. So a change d of one feature wins
-- against that segment where lead + slope * d > 0, and the target wins where all these half-lines overlap. Features of
-- the var `fixed_features` are left as they are, and one that makes a customer valuable is only ever raised.
{%- set segmentations = {} -%}
{%- for segmentation, given in var('segmentations').items() -%}
    {%- set changeable = segmentation_numbers(segmentation) | reject('in', var('fixed_features')) | list -%}
    {%- if changeable -%}
        {%- do segmentations.update({segmentation: {
            'features': segmentation_numbers(segmentation),
            'changeable': changeable,
            'slots': range(1, max_cluster_count(segmentation) + 1),
        }}) -%}
    {%- endif -%}
{%- endfor -%}
{%- set changeable_features = [] -%}
{%- for given in segmentations.values() -%}
    {%- for feature in given.changeable if feature not in changeable_features -%}
        {%- do changeable_features.append(feature) -%}
    {%- endfor -%}
{%- endfor -%}
{%- set tenth_beyond = '(case when change > 0 then ceil(10 * (current_value + change))'
    ~ ' else floor(10 * (current_value + change)) end / 10)' -%}
{%- set features = numeric_features() -%}
{%- set columns = customer_columns() %}

with

scores as (

    select * from {{ ref('customer_scores') }}

),

segments as (

    select * from {{ ref('segments') }}

),

{% for segmentation, given in segmentations.items() %}
{{ segmentation }}_segments as (

    select
        segments.segment_id,
        segments.segment_name,
        segments.value_rank,
        {% for feature in given.features -%}
        max(case when centroids.feature = '{{ feature }}' then centroids.center end) as {{ feature }}_center,
        max(case when centroids.feature = '{{ feature }}' then centroids.scale end) as {{ feature }}_scale,
        {% endfor -%}
        row_number() over (order by segments.segment_id) as slot
    from segments
    inner join {{ ref('segment_centroids') }} as centroids
        on segments.segmentation = centroids.segmentation and segments.segment_id = centroids.segment_id
    where segments.segmentation = '{{ segmentation }}'
    group by segments.segment_id, segments.segment_name, segments.value_rank

),

{{ segmentation }}_leads as (

    select
        targets.segment_id,
        others.slot,
        {% for feature in given.features -%}
        2 * (targets.{{ feature }}_center - others.{{ feature }}_center)
        / (targets.{{ feature }}_scale * targets.{{ feature }}_scale) as {{ feature }}_slope,
        {% endfor -%}
        {% for feature in given.features -%}
        (
            others.{{ feature }}_center * others.{{ feature }}_center
            - targets.{{ feature }}_center * targets.{{ feature }}_center
        ) / (targets.{{ feature }}_scale * targets.{{ feature }}_scale){{ ' +' if not loop.last }}
        {% endfor -%}
        as base
    from {{ segmentation }}_segments as targets
    inner join {{ segmentation }}_segments as others on targets.segment_id != others.segment_id

),

{{ segmentation }}_targets as (

    select
        segments.segment_id,
        segments.segment_name,
        segments.value_rank,
        {% for slot in given.slots -%}
        {% for feature in given.features -%}
        max(case when leads.slot = {{ slot }} then leads.{{ feature }}_slope end) as {{ feature }}_slope_{{ slot }},
        {% endfor -%}
        max(case when leads.slot = {{ slot }} then leads.base end) as base_{{ slot }},
        {% endfor -%}
        {% for feature in given.changeable -%}
        segments.{{ feature }}_scale{{ ',' if not loop.last }}
        {% endfor %}
    from {{ segmentation }}_segments as segments
    inner join {{ segmentation }}_leads as leads on segments.segment_id = leads.segment_id
    group by
        segments.segment_id, segments.segment_name, segments.value_rank,
        {% for feature in given.changeable -%}
        segments.{{ feature }}_scale{{ ',' if not loop.last }}
        {% endfor %}

),

{{ segmentation }}_pairs as (

    select
        targets.*,
        scores.customer_id,
        own.segment_id as own_segment_id,
        own.segment_name as own_segment_name,
        {% for feature in given.changeable -%}
        scores.{{ feature }},
        {% endfor -%}
        {% for slot in given.slots -%}
        targets.base_{{ slot }}
        {%- for feature in given.features %} + targets.{{ feature }}_slope_{{ slot }} * scores.{{ feature }}
        {%- endfor %} as lead_{{ slot }}{{ ',' if not loop.last }}
        {% endfor %}
    from scores
    inner join {{ segmentation }}_segments as own on scores.{{ segmentation }}_segment_id = own.segment_id
    inner join {{ segmentation }}_targets as targets on own.value_rank > targets.value_rank

),

-- The target wins for changes over `_from` and under `_to`; a bound that is null does not bind.
{{ segmentation }}_intervals as (

    select
        *,
        {% for feature in given.changeable -%}
        greatest(
            {% for slot in given.slots -%}
            {%- set slope = feature ~ '_slope_' ~ slot -%}
            case
                when {{ slope }} > 0 then -lead_{{ slot }} / {{ slope }}
                when {{ slope }} = 0 and lead_{{ slot }} <= 0 then 1e300
            end{{ ',' if not loop.last }}
            {% endfor %}
        ) as {{ feature }}_from,
        least(
            {% for slot in given.slots -%}
            {%- set slope = feature ~ '_slope_' ~ slot -%}
            case when {{ slope }} < 0 then -lead_{{ slot }} / {{ slope }} end{{ ',' if not loop.last }}
            {% endfor %}
        ) as {{ feature }}_to{{ ',' if not loop.last }}
        {% endfor %}
    from {{ segmentation }}_pairs

),

-- Just over the border: a ten-thousandth farther than the shortest change, or half of a narrower interval.
{{ segmentation }}_changes as (

    select
        *,
        {% for feature in given.changeable -%}
        case
            when {{ feature }}_from >= {{ feature }}_to then null
            when {{ feature }}_from >= 0
                then {{ feature }}_from + least(
                    greatest(1e-4 * {{ feature }}_from, 1e-9 * {{ feature }}_scale),
                    5e-1 * ({{ feature }}_to - {{ feature }}_from)
                )
            when {{ feature }}_to <= 0
                then {{ feature }}_to - least(
                    greatest(-1e-4 * {{ feature }}_to, 1e-9 * {{ feature }}_scale),
                    5e-1 * ({{ feature }}_to - {{ feature }}_from)
                )
        end as {{ feature }}_change{{ ',' if not loop.last }}
        {% endfor %}
    from {{ segmentation }}_intervals

),

-- Changes of different features are compared in scaled units, the units of the distances.
{{ segmentation }}_efforts as (

    select
        *,
        {% for feature in given.changeable -%}
        {%- set column = columns.get(feature, {}) -%}
        case
            when
                {{ feature }} + {{ feature }}_change
                between {{ column.min if column.min is not none else '-1e300' }}
                and {{ column.max if column.max is not none else '1e300' }}
                then abs({{ feature }}_change) / {{ feature }}_scale
        end as {{ feature }}_effort{{ ',' if not loop.last }}
        {% endfor %}
    from {{ segmentation }}_changes

),

{{ segmentation }}_candidates as (

    {% for feature in given.changeable -%}
    select
        '{{ segmentation }}' as segmentation,
        customer_id,
        own_segment_id,
        own_segment_name,
        segment_id,
        segment_name,
        value_rank,
        '{{ feature }}' as feature,
        {{ feature }} as current_value,
        {{ feature }}_change as change,
        {{ feature }}_effort as effort
    from {{ segmentation }}_efforts
    where
        {{ feature }}_effort is not null
        {% if feature in var('value_features') -%}
        and {{ feature }}_change {{ '>' if var('value_features')[feature] > 0 else '<' }} 0
        {% endif -%}
        {% for other in given.changeable if other != feature -%}
        {%- set comparison = '<' if loop.index0 < given.changeable.index(feature) else '<=' -%}
        and ({{ other }}_effort is null or {{ feature }}_effort {{ comparison }} {{ other }}_effort)
        {% endfor -%}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),
{% endfor %}

combined as (

    {% for segmentation in segmentations -%}
    select * from {{ segmentation }}_candidates
    {{ 'union all' if not loop.last }}
    {% endfor %}
    {%- if not segmentations -%}
    select
        cast(null as {{ dbt.type_string() }}) as segmentation,
        cast(null as {{ dbt.type_string() }}) as customer_id,
        cast(null as integer) as own_segment_id,
        cast(null as {{ dbt.type_string() }}) as own_segment_name,
        cast(null as integer) as segment_id,
        cast(null as {{ dbt.type_string() }}) as segment_name,
        cast(null as integer) as value_rank,
        cast(null as {{ dbt.type_string() }}) as feature,
        cast(null as double) as current_value,
        cast(null as double) as change,
        cast(null as double) as effort
    where false
    {%- endif %}

),

-- Text is made above the union, so that a query that does not ask for it does not pay for it. The new value is told to
-- the tenth beyond the border.
told as (

    select
        *,
        {% if changeable_features -%}
        case feature
            {% for feature in changeable_features -%}
            when '{{ feature }}'
                then '{{ features[feature].label | replace("'", "''") }}'
                    || case when change > 0 then ' up ' else ' down ' end
                    || {{ measured_text(feature, 'abs(change)', named=false) }} || ' to '
                    || {{ measured_text(feature, tenth_beyond, named=false) }}
            {% endfor -%}
        end
        {%- else -%}
        cast(null as {{ dbt.type_string() }})
        {%- endif %} as told_change
    from combined

),

candidates as (

    select
        ---------- ids
        segmentation,
        customer_id,
        cast(segment_id as integer) as target_segment_id,
        cast(own_segment_id as integer) as segment_id,

        ---------- from where to where
        own_segment_name as segment_name,
        segment_name as target_segment_name,
        value_rank as target_value_rank,

        ---------- the smallest change that moves the customer there
        feature,
        current_value,
        current_value + change as new_value,
        change,
        effort,
        cast(row_number() over (
            partition by segmentation, customer_id
            order by effort, segment_id
        ) as integer) as nearness,
        upper(substr(told_change, 1, 1)) || substr(told_change, 2) || ' reaches ' || segment_name || '.' as suggestion
    from told

)

select * from candidates
