{# The one place that finds the nearest centers, as CTEs that end in `<prefix>_scored`: every row of `customers` with
   its columns and those of `scores`. Each customer is compared with every center in one pass, written wide, because a
   join of customers and segments would multiply the customers. least() passes over the slots that are not used.
   What is made on the way has two underscores in its name, which no column of the customers and no feature has.
   `customers` holds the features as they are known; `model` the rows of a model, as in `segment_centroids`. With
   `shared_only` a feature that the model does not know counts nothing; otherwise it leaves the customer unscored. A
   segmentation by rule has no distances: `rule_steps` finds its groups. #}
{% macro scoring_steps(segmentation, customers, model, prefix, shared_only=false) -%}
{%- if is_by_rules(segmentation) -%}
{{ return(rule_steps(segmentation, customers, model, prefix)) }}
{%- endif -%}
{%- set numbers = segmentation_numbers(segmentation) -%}
{%- set categories = segmentation_categories(segmentation) -%}
{%- set slots = range(1, max_cluster_count(segmentation) + 1) -%}
{{ prefix }}_slots as (

    select
        *,
        dense_rank() over (order by segment_id) as slot,
        {{ transformed('center', "transform = 'log'") }} / scale as coordinate
    from {{ model }}
    where segmentation = '{{ segmentation }}'

),

{{ prefix }}_model as (

    select {{ model_columns(segmentation) }}
    from {{ prefix }}_slots

),
{% for category in categories %}
-- How much a value of the category adds to the squared distance from each center; '' is a value that is not stated.
{{ prefix }}__{{ category }} as (

    select
        levels.level,
        {% for slot in slots -%}
        sum(case
            when slots.slot = {{ slot }}
                then power(
                    (
                        case when levels.level = '' then slots.fill_value when levels.level = slots.level then 1e0 else 0e0 end
                        - slots.center
                    ) / slots.scale, 2
                )
        end) as part_{{ slot }}{{ ',' if not loop.last }}
        {% endfor %}
    from {{ prefix }}_slots as slots
    cross join (
        select distinct level from {{ prefix }}_slots where feature = '{{ category }}'
        union all
        select '' as level
    ) as levels
    where slots.feature = '{{ category }}'
    group by levels.level

),
{% endfor %}
{{ prefix }}_filled as (

    select
        customers.*
        {%- for feature in numbers %},
        coalesce(customers.{{ feature }}, model.{{ feature }}_fill_value) as {{ prefix }}__{{ feature }}__filled
        {%- endfor %}
    from {{ customers }} as customers
    cross join {{ prefix }}_model as model

),

{{ prefix }}_held as (

    select
        customers.*
        {%- for feature in numbers %},
        {{ held(
            'customers.' ~ prefix ~ '__' ~ feature ~ '__filled',
            'model.' ~ feature ~ '_low_fence',
            'model.' ~ feature ~ '_high_fence',
        ) }} as {{ prefix }}__{{ feature }}__held
        {%- endfor %}
    from {{ prefix }}_filled as customers
    cross join {{ prefix }}_model as model

),

-- Where a customer is judged to lie, each value held to the fences, and where it lies by its own values.
{{ prefix }}_coordinates as (

    select
        customers.*
        {%- for feature in numbers %},
        {%- set place = prefix ~ '__' ~ feature -%}
        {%- set is_log = 'model.' ~ feature ~ '_is_log = 1' %}
        {{ transformed('customers.' ~ place ~ '__held', is_log) }} / model.{{ feature }}_scale as {{ place }},
        {{ transformed('customers.' ~ place ~ '__filled', is_log) }} / model.{{ feature }}_scale as {{ place }}__own
        {%- endfor %}
    from {{ prefix }}_held as customers
    cross join {{ prefix }}_model as model
    {{ kept_apart() }}

),

{{ prefix }}_distances as (

    select
        customers.*
        {%- for slot in slots %},
        model.id_{{ slot }} as {{ prefix }}__id__{{ slot }},
        model.reach_{{ slot }} as {{ prefix }}__reach__{{ slot }},
        {% set parts = [] -%}
        {%- for feature in numbers -%}
        {%- set difference = '(customers.' ~ prefix ~ '__' ~ feature ~ ' - model.' ~ feature ~ '_at_' ~ slot ~ ')' -%}
        {%- set square = difference ~ ' * ' ~ difference -%}
        {%- do parts.append(
            'case when model.id_' ~ slot ~ ' is not null then coalesce(' ~ square ~ ', 0) end' if shared_only else square
        ) -%}
        {%- endfor -%}
        {%- for category in categories -%}
        {%- set part -%}
        coalesce(
            {{ category }}__stated.part_{{ slot }},
            case when customers.{{ category }} is not null then {{ category }}__other.part_{{ slot }} end,
            {{ category }}__unknown.part_{{ slot }}
            {{- ", case when model.id_" ~ slot ~ " is not null then 0 end" if shared_only }}
        )
        {%- endset -%}
        {%- do parts.append(part) -%}
        {%- endfor -%}
        {{ sum_of(parts) }} as {{ prefix }}__{{ slot }}
        {%- endfor %}
    from {{ prefix }}_coordinates as customers
    cross join {{ prefix }}_model as model
    {% for category in categories -%}
    left join {{ prefix }}__{{ category }} as {{ category }}__stated
        on customers.{{ category }} = {{ category }}__stated.level
    left join {{ prefix }}__{{ category }} as {{ category }}__other on {{ category }}__other.level = 'other'
    left join {{ prefix }}__{{ category }} as {{ category }}__unknown on {{ category }}__unknown.level = ''
    {% endfor %}
    {{ kept_apart() }}

),

{{ prefix }}_nearest as (

    select
        *,
        least(
            {% for slot in slots -%}
            {{ prefix }}__{{ slot }}{{ ', ' if not loop.last }}
            {%- endfor %}
        ) as {{ prefix }}__nearest__
    from {{ prefix }}_distances
    {{ kept_apart() }}

),

{{ prefix }}_assigned as (

    select
        *,
        case {{ prefix }}__nearest__
            {% for slot in slots -%}
            when {{ prefix }}__{{ slot }} then {{ slot }}
            {% endfor -%}
        end as {{ prefix }}__slot__
    from {{ prefix }}_nearest
    {{ kept_apart() }}

),

{{ prefix }}_scored as (

    select
        customers.*,
        {% for feature in numbers -%}
        case customers.{{ prefix }}__slot__
            {% for slot in slots -%}
            when {{ slot }} then model.{{ feature }}_at_{{ slot }}
            {% endfor -%}
        end as {{ prefix }}__{{ feature }}__center,
        {% endfor -%}
        least(
            {% for slot in slots -%}
            case when customers.{{ prefix }}__slot__ != {{ slot }} then customers.{{ prefix }}__{{ slot }} end
            {{- ', ' if not loop.last }}
            {%- endfor %}
        ) as {{ prefix }}__second__
    from {{ prefix }}_assigned as customers
    cross join {{ prefix }}_model as model

)
{%- endmacro %}
