{# The training sample with a row per customer and feature, as a query of `segmentation`, `customer_id`, `is_evaluated`,
   `sample_weight`, `feature`, `level` and `feature_value`. A category has a row per level in `features`, a relation of
   `segmentation`, `feature` and `level`: 1 where the customer has it, else 0; what is no level of its own counts as
   'other'. Values that are missing have no row. #}
{% macro training_values(features) -%}
    {% for feature in segmentation_numbers() -%}
    select
        segmentation,
        customer_id,
        is_evaluated,
        sample_weight,
        '{{ feature }}' as feature,
        '' as level,
        {{ feature }} as feature_value
    from {{ ref('training_sample') }}
    where {{ feature }} is not null
    {{ 'union all' if not loop.last or segmentation_categories() }}
    {% endfor %}
    {%- for feature in segmentation_categories() -%}
    select
        customers.segmentation,
        customers.customer_id,
        customers.is_evaluated,
        customers.sample_weight,
        '{{ feature }}' as feature,
        levels.level,
        case when levels.level = coalesce(own.level, 'other') then 1e0 else 0e0 end as feature_value
    from {{ ref('training_sample') }} as customers
    inner join {{ features }} as levels
        on customers.segmentation = levels.segmentation and levels.feature = '{{ feature }}'
    left join {{ features }} as own
        on
            customers.segmentation = own.segmentation
            and own.feature = '{{ feature }}'
            and customers.{{ feature }} = own.level
    where customers.{{ feature }} is not null
    {{ 'union all' if not loop.last }}
    {% endfor %}
{%- endmacro %}
