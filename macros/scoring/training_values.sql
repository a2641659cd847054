{# The training sample with a row per customer and feature, as a query of `segmentation`, `feature`, `sample_weight` and
   `feature_value`; values that are missing have no row. #}
{% macro training_values() -%}
    {% for feature in segmentation_numbers() -%}
    select
        segmentation,
        '{{ feature }}' as feature,
        sample_weight,
        {{ feature }} as feature_value
    from {{ ref('training_sample') }}
    where {{ feature }} is not null
    {{ 'union all' if not loop.last }}
    {% endfor %}
{%- endmacro %}
