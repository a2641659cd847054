{# Stops a run early, with one sentence that names the var and the mend. #}
{% macro check_vars() %}
    {% set features = numeric_features() %}
    {% set counts = var('cluster_counts') %}
    {% if 'customer_id' not in var('customer_columns') %}
        {% do exceptions.raise_compiler_error(
            "var customer_columns: `customer_id` is missing; add `customer_id: {from: [<your id column>]}`.") %}
    {% endif %}
    {% for name, column in customer_columns().items() %}
        {% if column.type not in ('number', 'category') %}
            {% do exceptions.raise_compiler_error(
                "var customer_columns: `" ~ name ~ "` has type '" ~ column.type
                ~ "'; make it 'number' or 'category'.") %}
        {% elif column.min is not none and column.max is not none and column.min > column.max %}
            {% do exceptions.raise_compiler_error(
                "var customer_columns: `" ~ name ~ "` has min " ~ column.min ~ " over max " ~ column.max
                ~ "; swap them.") %}
        {% endif %}
    {% endfor %}
    {% if not var('segmentations') %}
        {% do exceptions.raise_compiler_error(
            "var segmentations: it is empty; name at least one with its features.") %}
    {% endif %}
    {% for segmentation, given in var('segmentations').items() %}
        {% if not given.get('features') %}
            {% do exceptions.raise_compiler_error(
                "var segmentations: `" ~ segmentation ~ "` has no features; give it `features: {<feature>: 1}`.") %}
        {% endif %}
        {% for feature, weight in given.features.items() %}
            {% if feature not in features %}
                {% do exceptions.raise_compiler_error(
                    "var segmentations: `" ~ segmentation ~ "` names the unknown feature `" ~ feature
                    ~ "`; use one of " ~ features.keys() | join(', ')
                    ~ ", or add it to the var customer_columns as a number.") %}
            {% elif weight is not number or weight <= 0 %}
                {% do exceptions.raise_compiler_error(
                    "var segmentations: `" ~ segmentation ~ "` gives `" ~ feature ~ "` the weight " ~ weight
                    ~ "; make it a number over 0, or leave the feature out.") %}
            {% endif %}
        {% endfor %}
    {% endfor %}
    {% if counts.min < 2 or counts.min > counts.max %}
        {% do exceptions.raise_compiler_error(
            "var cluster_counts: min " ~ counts.min ~ " and max " ~ counts.max
            ~ " leave nothing to choose from; use 2 <= min <= max.") %}
    {% endif %}
{% endmacro %}
