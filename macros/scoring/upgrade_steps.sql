{# The CTEs that end in `ranked`: for every customer and better segment the changes of one feature that reach it, from
   the one of least effort, `choice` 1, on.
   In scaled units a customer's lead with a target segment over another one, the other's squared distance less the
   target's, changes linearly along a feature. So a step wins against that segment where lead + along * step > 0, and
   the target wins where all these half-lines overlap. The other segments stand side by side, a column per slot, so that
   no join multiplies the customers by them. #}
{% macro upgrade_steps(customers) -%}
{%- set segmentations = segmentations_by('kmeans') -%}
{%- set features = [] -%}
{%- set most = namespace(clusters=2) -%}
{%- for segmentation in segmentations -%}
    {%- do features.extend(segmentation_numbers(segmentation) | reject('in', features)) -%}
    {%- set most.clusters = [most.clusters, max_cluster_count(segmentation)] | max -%}
{%- endfor -%}
{%- set slots = range(1, most.clusters + 1) -%}
{#- What no project has to say: only a new event sets days since the last one back, nobody takes a purchase back, and
    time alone makes a customer of longer standing. -#}
{%- set directions, unchangeable = {}, (var('fixed_features') or []) | list -%}
{%- for feature in recency_features(features) -%}
    {%- do directions.update({feature: -1}) -%}
{%- endfor -%}
{%- if has_purchases() -%}
    {%- do directions.update({'purchases': 1}) -%}
    {%- do unchangeable.append('tenure_days') -%}
{%- endif -%}
{%- for feature, weight in (var('value_features') or {}).items() if weight is number and weight != 0 -%}
    {%- do directions.update({feature: 1 if weight > 0 else -1}) -%}
{%- endfor -%}
-- What a campaign can change: all but the var `fixed_features`; what makes customers valuable in its direction only.
changeable as (

    {% for segmentation in segmentations -%}
    {% for feature in segmentation_numbers(segmentation) if feature not in unchangeable -%}
    select
        '{{ segmentation }}' as segmentation,
        '{{ feature }}' as feature,
        {{ directions.get(feature, 0) }} as direction
    union all
    {% endfor -%}
    {% endfor -%}
    select
        cast(null as {{ dbt.type_string() }}) as segmentation,
        cast(null as {{ dbt.type_string() }}) as feature,
        0 as direction
    where false

),

centers as (

    select
        *,
        {{ transformed('center', "transform = 'log'") }} / scale as coordinate,
        dense_rank() over (partition by segmentation order by segment_id) as slot
    from {{ ref('segment_centroids') }}

),

-- How fast a target gains on each other segment along each feature; null for itself and for a slot without a segment.
gains as (

    select
        targets.segmentation,
        targets.segment_id,
        targets.slot as target_slot,
        targets.feature,
        targets.scale,
        targets.transform = 'log' as is_log,
        {% for slot in slots -%}
        max(case when others.slot = {{ slot }} then 2 * (targets.coordinate - others.coordinate) end)
            as along_{{ slot }}{{ ',' if not loop.last }}
        {% endfor %}
    from centers as targets
    inner join centers as others
        on
            targets.segmentation = others.segmentation
            and targets.feature = others.feature
            and targets.level = others.level
            and targets.segment_id != others.segment_id
    group by
        targets.segmentation, targets.segment_id, targets.slot, targets.feature, targets.scale, targets.transform

),

-- From where to where, and by which feature: only to what is clearly worth more and is not to be left in peace.
moves as (

    select
        own.segment_id as own_segment_id,
        own.segment_name as own_segment_name,
        better.segment_name,
        better.value_rank,
        changeable.direction,
        statistics.minimum,
        statistics.maximum,
        gains.*
    from {{ ref('segments') }} as own
    inner join {{ ref('segments') }} as better
        on
            own.segmentation = better.segmentation
            and own.value_high < better.value_low
            and better.may_grow
    inner join gains
        on better.segmentation = gains.segmentation and better.segment_id = gains.segment_id
    inner join changeable
        on gains.segmentation = changeable.segmentation and gains.feature = changeable.feature
    inner join {{ ref('feature_statistics') }} as statistics on gains.feature = statistics.feature

),

{% for segmentation in segmentations %}
{{ scoring_steps(segmentation, customers, ref('segment_centroids'), segmentation) }},
{% endfor %}
customers as (

    {% for segmentation in segmentations -%}
    {% set numbers = segmentation_numbers(segmentation) -%}
    {% set last_slot = max_cluster_count(segmentation) -%}
    select
        '{{ segmentation }}' as segmentation,
        scored.customer_id,
        {{ scores(segmentation, segmentation).segment_id }} as segment_id,
        {% for feature in features -%}
        {% set is_known = feature in numbers -%}
        {% set filled = 'coalesce(scored.' ~ feature ~ ', model.' ~ feature ~ '_fill_value)' -%}
        {{ filled if is_known else 'cast(null as ' ~ type_double() ~ ')' }}
            as {{ feature }}__value,
        {{ 'scored.' ~ segmentation ~ '__' ~ feature if is_known else 'cast(null as ' ~ type_double() ~ ')' }}
            as {{ feature }}__at,
        {% endfor -%}
        {% for slot in slots -%}
        {{ 'scored.' ~ segmentation ~ '__' ~ slot if slot <= last_slot else 'cast(null as ' ~ type_double() ~ ')' }}
            as squared_distance_{{ slot }}{{ ',' if not loop.last }}
        {% endfor %}
    from {{ segmentation }}_scored as scored
    cross join {{ segmentation }}_model as model
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

paired as (

    select
        customers.*,
        moves.own_segment_name,
        moves.segment_id as target_segment_id,
        moves.segment_name as target_segment_name,
        moves.value_rank,
        moves.feature,
        moves.direction,
        moves.scale,
        moves.is_log,
        moves.minimum,
        moves.maximum,
        {% for slot in slots -%}
        moves.along_{{ slot }},
        {% endfor -%}
        case moves.feature
            {% for feature in features -%}
            when '{{ feature }}' then customers.{{ feature }}__value
            {% endfor -%}
        end as current_value,
        case moves.feature
            {% for feature in features -%}
            when '{{ feature }}' then customers.{{ feature }}__at
            {% endfor -%}
        end as coordinate,
        case moves.target_slot
            {% for slot in slots -%}
            when {{ slot }} then customers.squared_distance_{{ slot }}
            {% endfor -%}
        end as squared_distance
    from customers
    inner join moves
        on customers.segmentation = moves.segmentation and customers.segment_id = moves.own_segment_id

),

leads as (

    select
        *,
        {% for slot in slots -%}
        squared_distance_{{ slot }} - squared_distance as lead_{{ slot }}{{ ',' if not loop.last }}
        {% endfor %}
    from paired

),

-- The target wins for steps over `step_from` and under `step_to`; a bound that is null does not bind.
intervals as (

    select
        *,
        greatest(
            {% for slot in slots -%}
            case
                when along_{{ slot }} > 0 then -lead_{{ slot }} / along_{{ slot }}
                when along_{{ slot }} = 0 and lead_{{ slot }} <= 0 then 1e150
            end{{ ',' if not loop.last }}
            {% endfor %}
        ) as step_from,
        least(
            {% for slot in slots -%}
            case when along_{{ slot }} < 0 then -lead_{{ slot }} / along_{{ slot }} end{{ ',' if not loop.last }}
            {% endfor %}
        ) as step_to
    from leads
    {{ kept_apart() }}

),

-- Just over the border: a ten-thousandth farther than the shortest step, or half of a narrower interval.
steps as (

    select
        *,
        case
            when step_from >= step_to then null
            when step_from >= 0
                then step_from + least(greatest(1e-4 * step_from, 1e-9), 5e-1 * (step_to - step_from))
            when step_to <= 0
                then step_to - least(greatest(-1e-4 * step_to, 1e-9), 5e-1 * (step_to - step_from))
        end as step
    from intervals
    {{ kept_apart() }}

),

new_values as (

    select
        *,
        abs(step) as effort,
        {{ in_own_unit('((coordinate + step) * scale)', 'is_log') }} as new_value
    from steps
    where step is not null and direction * step >= 0
    {{ kept_apart() }}

),

-- A value beyond its fence is held to it, so a step can end on the near side of where the customer is.
changes as (

    select
        *,
        new_value - current_value as change
    from new_values
    where (new_value - current_value) * step > 0

),

-- Of several features the one of least effort, and no value that no customer has reached.
ranked as (

    select
        *,
        row_number() over (
            partition by segmentation, customer_id, target_segment_id
            order by effort, feature
        ) as choice
    from changes
    where new_value between minimum and maximum

)
{%- endmacro %}
