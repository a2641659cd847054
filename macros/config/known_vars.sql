{# Every var of the project and what it may hold: {name: rule}. A rule says what a value `is` ('text', 'character',
   'number', 'whole number', 'yes or no', 'day', 'names with values' or 'list'); `null` where it may be left out; `min`,
   `max` and `over` bound numbers; `holds` names the settings it is made of, each with a rule of its own. A new var is
   one line here. #}
{% macro known_vars() %}
    {% set share = {'is': 'number', 'min': 0, 'max': 1} %}
    {% set positive = {'is': 'number', 'over': 0} %}
    {# Scoring is written out for so many segments. #}
    {% set count = {'is': 'whole number', 'min': 2, 'max': 100} %}
    {% set rows = {'is': 'whole number', 'min': 100} %}
    {{ return({
        'segmentations': {'is': 'names with values'},
        'customers_file': {'is': 'text', 'null': true},
        'customers_table': {'is': 'text', 'null': true},
        'customer_columns': {'is': 'names with values'},
        'purchases_file': {'is': 'text', 'null': true},
        'purchases_table': {'is': 'text', 'null': true},
        'purchase_columns': {'is': 'names with values', 'null': true},
        'purchases_make_customers': {'is': 'yes or no'},
        'repeated_purchases': {'is': 'text', 'null': true},
        'active_days': {'is': 'whole number', 'min': 1},
        'as_of': {'is': 'day', 'null': true},
        'value_features': {'is': 'names with values', 'null': true},
        'cluster_counts': {'is': 'names with values', 'holds': {
            'min': count, 'max': count,
        }},
        'training_sample_rows': rows,
        'evaluation_rows': rows,
        'random_seed': {'is': 'whole number', 'min': 0, 'max': 4294967295},
        'reproducible_stability': share,
        'reproducible_segment': share,
        'freeze_training': {'is': 'yes or no'},
        'gates': {'is': 'names with values', 'holds': {
            'smallest_customers': {'is': 'whole number', 'min': 1}, 'smallest_share': share,
            'stability': {'is': 'number', 'min': -1, 'max': 1}, 'silhouette_tolerance': share,
        }},
        'pinned_versions': {'is': 'names with values', 'null': true},
        'boundary_membership': share,
        'fixed_features': {'is': 'list', 'null': true},
        'drift_limits': {'is': 'names with values', 'holds': {'stability_index': positive, 'share_outside': share}},
        'fairness_attributes': {'is': 'list', 'null': true},
        'fairness_accepted': {'is': 'list', 'null': true},
        'fairness_limit': share,
        'average_band_z': positive,
        'campaigns_table': {'is': 'text', 'null': true},
        'campaign_outcomes_table': {'is': 'text', 'null': true},
        'contact_column': {'is': 'text', 'null': true},
        'trade': {'is': 'text', 'null': true},
        'customer_words': {'is': 'names with values', 'holds': {'one': {'is': 'text'}, 'many': {'is': 'text'}}},
        'currency': {'is': 'names with values', 'null': true, 'holds': {'sign': {'is': 'text'}, 'place': {'is': 'text'}}},
        'number_format': {'is': 'names with values', 'null': true, 'holds': {
            'decimal': {'is': 'character'}, 'grouping': {'is': 'character', 'null': true},
            'groups': {'is': 'text', 'null': true},
        }},
        'smallest_audience': {'is': 'whole number', 'min': 1},
        'campaigns': {'is': 'names with values', 'holds': {
            'level': {'is': 'number', 'over': 0, 'max': 0.5}, 'power': {'is': 'number', 'min': 0.5, 'max': 0.999},
            'worthwhile_uplift': {'is': 'number', 'over': 0, 'max': 1}, 'assumed_retention': share,
            'ratio_alarm': share, 'margin': positive, 'next_budget': {'is': 'number', 'min': 0},
            'learning_share': share,
        }},
    }) }}
{% endmacro %}
