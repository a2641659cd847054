{# Stops a run early, with one sentence that names the var and the mend. #}
{% macro check_vars() %}
    {% set features = numeric_features() %}
    {% set counts = var('cluster_counts') %}
    {% if 'customer_id' not in var('customer_columns') %}
        {% do exceptions.raise_compiler_error(
            "var customer_columns: `customer_id` is missing; add `customer_id: {from: [<your id column>]}`.") %}
    {% endif %}
    {% if not customer_columns('number') %}
        {% do exceptions.raise_compiler_error(
            "var customer_columns: none is of type number; add a column to cluster on, as in `visits: {type: number}`."
        ) %}
    {% endif %}
    {% set reserved = [
        'all_customers', 'bin', 'chance', 'customers', 'draw', 'feature', 'imputed_features', 'is_evaluated',
        'may_repeat', 'nth_of_id', 'nth_of_row', 'rejection_reason', 'sample_weight', 'segment_id', 'segmentation',
        'source_row_number', 'source_values', 'value'
    ] + engineered_features().keys() | list + ['age_band', 'income_band', 'spending_band'] %}
    {% for name, column in customer_columns().items() %}
        {{ check_name('customer_columns', name, reserved) }}
        {% if column.type not in ('number', 'category') %}
            {% do exceptions.raise_compiler_error(
                "var customer_columns: `" ~ name ~ "` has type '" ~ column.type
                ~ "'; make it 'number' or 'category'.") %}
        {% elif column.min is not none and column.min is not number
            or column.max is not none and column.max is not number %}
            {% do exceptions.raise_compiler_error(
                "var customer_columns: `" ~ name ~ "` has min " ~ column.min ~ " and max " ~ column.max
                ~ "; make them numbers.") %}
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
        {{ check_name('segmentations', segmentation, ['customers', 'segments', 'scores']) }}
        {% if not given.get('features') %}
            {% do exceptions.raise_compiler_error(
                "var segmentations: `" ~ segmentation ~ "` has no features; give it `features: {<feature>: 1}`.") %}
        {% endif %}
        {% set n_clusters = given.get('n_clusters', 2) %}
        {% if n_clusters is not integer or n_clusters < 2 %}
            {% do exceptions.raise_compiler_error(
                "var segmentations: `" ~ segmentation ~ "` fixes n_clusters at " ~ n_clusters
                ~ "; make it a whole number over 1, or leave it out.") %}
        {% endif %}
        {% for feature, setting in segmentation_features(segmentation).items() %}
            {% if feature not in features and not setting.is_category %}
                {% do exceptions.raise_compiler_error(
                    "var segmentations: `" ~ segmentation ~ "` names the unknown feature `" ~ feature
                    ~ "`; use one of " ~ (features.keys() | list + customer_columns('category').keys() | list) | join(', ')
                    ~ ", or add it to the var customer_columns.") %}
            {% elif setting.weight is not number or setting.weight <= 0 %}
                {% do exceptions.raise_compiler_error(
                    "var segmentations: `" ~ segmentation ~ "` gives `" ~ feature ~ "` the weight " ~ setting.weight
                    ~ "; make it a number over 0, or leave the feature out.") %}
            {% elif setting.transform not in ('auto', 'none', 'log') %}
                {% do exceptions.raise_compiler_error(
                    "var segmentations: `" ~ segmentation ~ "` gives `" ~ feature ~ "` the transform '"
                    ~ setting.transform ~ "'; make it auto, none or log.") %}
            {% endif %}
        {% endfor %}
    {% endfor %}
    {% for name in ('training_sample_rows', 'evaluation_rows') if var(name) is not integer or var(name) < 100 %}
        {% do exceptions.raise_compiler_error(
            "var " ~ name ~ ": " ~ var(name) ~ " rows are too few to tell segments by; use at least 100.") %}
    {% endfor %}
    {% if counts.min < 2 or counts.min > counts.max %}
        {% do exceptions.raise_compiler_error(
            "var cluster_counts: min " ~ counts.min ~ " and max " ~ counts.max
            ~ " leave nothing to choose from; use 2 <= min <= max.") %}
    {% endif %}
    {% do check_customer_source() %}
{% endmacro %}
