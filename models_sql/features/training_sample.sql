{{ config(post_hook='{{ check_training_sample() }}') }}
{%- set features = clustered_features() -%}
-- A lightweight coreset (Bachem, Lucic, Krause, KDD 2018): a customer is drawn half for being a customer, half
-- for its squared distance from the mean, and weighs the inverse of that chance. In units of `scale` the squared
-- distances average the sum of the squared weights, so one pass is enough. Aiming four standard deviations
-- below `training_sample_rows` keeps the sample under it.
{%- set rows = var('training_sample_rows') -%}
{%- set aim = rows - 4 * rows ** 0.5 -%}
-- Scores that take no weights, or compare all pairs, read the evaluated rows: drawn from the sample in proportion
-- to their weight, so that each stands for equally many customers.
{%- set evaluated = var('evaluation_rows') -%}
{%- set evaluated_aim = evaluated - 4 * evaluated ** 0.5 %}

with

customers as (

    select
        *,
        {{ hash_fraction("customer_id || ' " ~ var('random_seed') ~ "'") }} as draw
    from {{ ref('observed_features') }}

),

{% for segmentation, given in var('segmentations').items() %}
{{ segmentation }}_scales as (

    select
        max(statistics.customers) as customers,
        {% for feature in given.features -%}
        max(case when scaled.feature = '{{ feature }}' then scaled.mean end) as {{ feature }}_mean,
        max(case when scaled.feature = '{{ feature }}' then scaled.scale end) as {{ feature }}_scale,
        {% endfor -%}
        sum(scaled.weight * scaled.weight) as mean_squared_distance
    from {{ ref('segmentation_features') }} as scaled
    inner join {{ ref('feature_statistics') }} as statistics on scaled.feature = statistics.feature
    where scaled.segmentation = '{{ segmentation }}'

),

{{ segmentation }}_chances as (

    select
        customers.*,
        scales.customers as all_customers,
        case
            when scales.customers <= {{ rows }} then 1.0
            else
                least(
                    1.0,
                    {{ aim }} * (
                        0.5 / scales.customers
                        + 0.5 * (
                            {% for feature in given.features -%}
                            power(
                                (customers.{{ feature }} - scales.{{ feature }}_mean)
                                / scales.{{ feature }}_scale, 2
                            ){{ ' +' if not loop.last }}
                            {% endfor %}
                        ) / (scales.customers * scales.mean_squared_distance)
                    )
                )
        end as chance
    from customers
    cross join {{ segmentation }}_scales as scales
    where
        {% for feature in given.features -%}
        {{ 'and ' if not loop.first }}customers.{{ feature }} is not null
        {% endfor %}

),

{{ segmentation }}_sample as (

    select
        '{{ segmentation }}' as segmentation,
        customer_id,
        {{ significant('1.0 / chance') }} as sample_weight,
        all_customers <= {{ evaluated }}
        or {{ hash_fraction("customer_id || ' evaluated " ~ var('random_seed') ~ "'") }}
        < {{ evaluated_aim }} / all_customers / chance as is_evaluated,
        {% for feature in features -%}
        {{ feature if feature in given.features else 'cast(null as double) as ' ~ feature }}{{ ',' if not loop.last }}
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
