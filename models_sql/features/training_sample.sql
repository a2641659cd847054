{{ config(post_hook='{{ check_training_sample() }}') }}
{%- set numbers = segmentation_numbers() -%}
{%- set categories = segmentation_categories() -%}
{%- set columns = customer_columns() -%}
-- A lightweight coreset (Bachem, Lucic, Krause, KDD 2018): a customer is drawn half for being a customer, half
-- for its squared distance from the mean, and weighs the inverse of that chance. In units of `scale` the squared
-- distances average the sum of the squared weights, so one pass is enough. Aiming four standard deviations
-- below `training_sample_rows` keeps the sample under it.
{%- set rows = var('training_sample_rows') -%}
{%- set aim = rows - 4 * rows ** 0.5 -%}
-- Scores that take no weights, or compare all pairs, read the evaluated rows: drawn from the sample in proportion
-- to their weight, so that each stands for equally many customers.
{%- set evaluated = var('evaluation_rows') -%}
{#- A row of the sample cannot be evaluated more often than it is drawn, which is at least half as often as others. -#}
{%- set evaluated_aim = [evaluated - 4 * evaluated ** 0.5, aim / 2] | min %}

with

customers as (

    select
        *,
        {{ hash_fraction("customer_id || ' " ~ var('random_seed') ~ "'") }} as draw
    from {{ ref('observed_features') }}

),

statistics as (

    select max(customers) as customers from {{ ref('feature_statistics') }}

),

{% for segmentation in var('segmentations') %}
{%- set own = segmentation_numbers(segmentation) %}
{{ segmentation }}_scales as (

    select
        max(statistics.customers) as customers,
        {% for feature in own -%}
        {% for figure in ('fill_value', 'low_fence', 'high_fence', 'mean', 'scale') -%}
        max(case when features.feature = '{{ feature }}' then features.{{ figure }} end) as {{ feature }}_{{ figure }},
        {% endfor -%}
        max(case when features.feature = '{{ feature }}' and features.transform = 'log' then 1 else 0 end)
            as {{ feature }}_is_log,
        {% endfor -%}
        sum(case when features.level = '' then features.weight * features.weight else 0 end) as mean_squared_distance
    from {{ ref('segmentation_features') }} as features
    cross join statistics
    where features.segmentation = '{{ segmentation }}'

),

{{ segmentation }}_chances as (

    select
        customers.*,
        scales.customers as all_customers,
        case
            when scales.customers <= {{ rows }} then 1e0
            else
                least(
                    1e0,
                    {{ aim }} * (
                        {% if own -%}
                        5e-1 / scales.customers
                        + 5e-1 * (
                            {% for feature in own -%}
                            {%- set held_value = held(
                                'coalesce(customers.' ~ feature ~ ', scales.' ~ feature ~ '_fill_value)',
                                'scales.' ~ feature ~ '_low_fence', 'scales.' ~ feature ~ '_high_fence'
                            ) -%}
                            power(
                                (
                                    {{ transformed('(' ~ held_value ~ ')', 'scales.' ~ feature ~ '_is_log = 1') }}
                                    - scales.{{ feature }}_mean
                                ) / scales.{{ feature }}_scale, 2
                            ){{ ' +' if not loop.last }}
                            {% endfor %}
                        ) / (scales.customers * scales.mean_squared_distance)
                        {%- else -%}
                        1e0 / scales.customers
                        {%- endif %}
                    )
                )
        end as chance
    from customers
    cross join {{ segmentation }}_scales as scales
    where
        true
        {% for feature in own if columns.get(feature, {}).get('fill') is none -%}
        and customers.{{ feature }} is not null
        {% endfor %}

),

{{ segmentation }}_sample as (

    select
        '{{ segmentation }}' as segmentation,
        customer_id,
        {{ significant('1e0 / chance') }} as sample_weight,
        all_customers <= {{ [evaluated, rows] | min }}
        or {{ hash_fraction("customer_id || ' evaluated " ~ var('random_seed') ~ "'") }}
        < {{ evaluated_aim }} / all_customers / chance as is_evaluated,
        {% for feature in categories -%}
        {{ feature if feature in segmentation_categories(segmentation)
            else 'cast(null as ' ~ dbt.type_string() ~ ') as ' ~ feature }},
        {% endfor -%}
        {% for feature in numbers -%}
        {{ feature if feature in own else 'cast(null as ' ~ type_double() ~ ') as ' ~ feature }}
        {{- ',' if not loop.last }}
        {% endfor %}
    from {{ segmentation }}_chances
    where draw < chance

),
{% endfor %}

sampled as (

    {% for segmentation in var('segmentations') -%}
    select * from {{ segmentation }}_sample
    {{ 'union all' if not loop.last }}
    {% endfor %}

)

select * from sampled
