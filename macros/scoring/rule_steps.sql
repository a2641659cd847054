{# What `scoring_steps` is for a segmentation by rule, as CTEs that end in `<prefix>_scored`. Each feature gets a score
   by the cut points of the model version. The score of the recency and the mean of the others, a half rounded up, are
   the cell that a group holds. Cut points and groups stand side by side in one row, so that no join multiplies the
   customers. A model without groups, as one by another method is, places nobody. #}
{% macro rule_steps(segmentation, customers, model, prefix) -%}
{%- set features = segmentation_numbers(segmentation) -%}
{%- set recency = recency_feature(segmentation) -%}
{%- set scores = range(1, best_score() + 1) -%}
{%- set others = features | reject('equalto', recency) | list -%}
{#- Without the database's name, so that the function which reads them keeps working in a copy of the file. -#}
{%- set cuts = source('state', 'trained_cuts').include(database=false).render() -%}
{%- set rules = source('state', 'trained_rules').include(database=false).render() -%}
{{ prefix }}_version as (

    select
        {% for feature in features -%}
        max(case when feature = '{{ feature }}' then fill_value end) as {{ feature }}_fill_value,
        {% endfor -%}
        max(model_version) as model_version
    from {{ model }}
    where segmentation = '{{ segmentation }}'

),

{{ prefix }}_cuts as (

    select
        {% for feature in features -%}
        {% set outer = loop -%}
        {% for score in scores -%}
        max(case when cuts.feature = '{{ feature }}' and cuts.score = {{ score }} then cuts.up_to end)
            as {{ feature }}_{{ score }}_up_to{{ ',' if not (loop.last and outer.last) }}
        {% endfor -%}
        {% endfor %}
    from {{ cuts }} as cuts
    inner join {{ prefix }}_version as versions on cuts.model_version = versions.model_version
    where cuts.segmentation = '{{ segmentation }}'

),

{{ prefix }}_cells as (

    select
        {% for score in scores -%}
        {% set outer = loop -%}
        {% for other in scores -%}
        min(
            case
                when
                    {{ score }} between rules.recency_from and rules.recency_to
                    and {{ other }} between rules.frequency_money_from and rules.frequency_money_to
                    then rules.segment_id
            end
        ) as cell_{{ score }}_{{ other }}{{ ',' if not (loop.last and outer.last) }}
        {% endfor -%}
        {% endfor %}
    from {{ rules }} as rules
    inner join {{ prefix }}_version as versions on rules.model_version = versions.model_version
    where rules.segmentation = '{{ segmentation }}'

),

{{ prefix }}_model as (

    select *
    from {{ prefix }}_version
    cross join {{ prefix }}_cuts
    cross join {{ prefix }}_cells

),

-- A value that is not known scores worst: who never bought has bought nothing lately.
{{ prefix }}_rated as (

    select
        customers.*,
        {% for feature in features -%}
        {%- set known = 'coalesce(customers.' ~ feature ~ ', model.' ~ feature ~ '_fill_value)' -%}
        {%- set best_first = feature == recency -%}
        case
            when {{ known }} is null then 1
            {% for step in scores[:-1] -%}
            {%- set score = best_score() + 1 - step if best_first else step -%}
            when {{ known }} <= model.{{ feature }}_{{ score }}_up_to then {{ score }}
            {% endfor -%}
            else {{ 1 if best_first else best_score() }}
        end as {{ prefix }}_{{ feature }}__score{{ ',' if not loop.last }}
        {% endfor %}
    from {{ customers }} as customers
    cross join {{ prefix }}_model as model
    {{ kept_apart() }}

),

{{ prefix }}_averaged as (

    select
        *,
        cast(floor(
            ({% for feature in others %}{{ prefix }}_{{ feature }}__score{{ ' + ' if not loop.last }}{% endfor %})
            / {{ others | length }}e0 + 5e-1
        ) as integer) as {{ prefix }}__frequency_money
    from {{ prefix }}_rated
    {{ kept_apart() }}

),

{{ prefix }}_scored as (

    select
        customers.*,
        case 10 * customers.{{ prefix }}_{{ recency }}__score + customers.{{ prefix }}__frequency_money
            {% for score in scores -%}
            {% for other in scores -%}
            when {{ 10 * score + other }} then model.cell_{{ score }}_{{ other }}
            {% endfor -%}
            {% endfor -%}
        end as {{ prefix }}__group
    from {{ prefix }}_averaged as customers
    cross join {{ prefix }}_model as model

)
{%- endmacro %}
