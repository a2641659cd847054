{# The tables that outlive a build and that other models read through `source('state', ...)`: {name: {column: type}}. #}
{% macro state_tables() %}
    {% set text, double = dbt.type_string(), type_double() %}
    {{ return({
        'trained_features': {
            'segmentation': text, 'model_version': 'integer', 'feature': text, 'level': text,
            'feature_position': 'integer', 'dimension': 'integer', 'label': text, 'unit': text, 'weight': double,
            'valid_min': double, 'valid_max': double, 'fill_value': double, 'low_fence': double,
            'high_fence': double, 'transform': text, 'transform_reason': text, 'mean': double, 'scale': double,
        },
        'trained_centroids': {
            'segmentation': text, 'model_version': 'integer', 'segment_id': 'integer', 'feature': text, 'level': text,
            'center': double, 'outlier_distance': double, 'training_share': double,
            'training_customers': double, 'n_clusters': 'integer', 'features': text, 'random_seed': 'bigint',
            'training_rows': 'bigint', 'data_hash': text, 'fit_hash': text, 'package_versions': text,
            'inertia': double, 'silhouette': double, 'stability': double, 'smallest_share': double,
            'incumbent_version': 'integer', 'incumbent_silhouette': double, 'trained_at': 'timestamp',
        },
        'trained_cuts': {
            'segmentation': text, 'model_version': 'integer', 'feature': text, 'score': 'integer', 'up_to': double,
        },
        'trained_rules': {
            'segmentation': text, 'model_version': 'integer', 'segment_id': 'integer', 'recency_from': 'integer',
            'recency_to': 'integer', 'frequency_money_from': 'integer', 'frequency_money_to': 'integer',
        },
        'segment_bands': {
            'segmentation': text, 'segment_id': 'integer', 'feature': text, 'change_number': 'integer',
            'model_version': 'integer', 'band': text, 'age_decade': 'integer', 'name_place': 'integer',
            'z_score': double,
        },
        'algorithm_scores': {
            'segmentation': text, 'algorithm': text, 'parameters': text, 'clusters': 'integer', 'noise_share': double,
            'silhouette': double, 'davies_bouldin': double, 'calinski_harabasz': double,
            'smallest_share': double, 'agreement_with_champion': double, 'fit_seconds': double,
            'is_finding': 'boolean', 'reading': text, 'scores_hash': text,
        },
        'cluster_count_scores': {
            'segmentation': text, 'n_clusters': 'bigint', 'score': text, 'value': double, 'scores_hash': text,
        },
        'reliability_fits': {
            'segmentation': text, 'model_version': 'integer', 'segment_id': 'integer',
            'runner_up_segment_id': 'integer', 'lead_from': double, 'lead_to': double, 'membership': double,
            'training_rows': 'bigint', 'silhouette': double, 'stability': double, 'share_low': double,
            'share_high': double, 'refits': 'integer',
        },
        'segment_rule_trees': {
            'segmentation': text, 'model_version': 'integer', 'segment_id': 'integer', 'rule_number': 'integer',
            'rule_sql': text, 'rule_words': text, 'precision': double, 'coverage': double, 'agreement': double,
        },
        'champion_history': {
            'segmentation': text, 'model_version': 'integer', 'build_number': 'integer',
        },
        'campaign_assignments': {
            'campaign': text, 'customer_id': text, 'segmentation': text, 'segment_id': 'integer', 'arm': text,
            'hash_fraction': double, 'holdout_share': double, 'drawn_among': 'bigint', 'starts_on': 'date',
            'ends_on': 'date', 'assigned_on': 'date', 'invocation_id': text, 'assignment_hash': text,
        },
    }) }}
{% endmacro %}
