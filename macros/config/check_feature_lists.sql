{# Stops a run for vars that speak of features or segmentations there are none of. #}
{% macro check_feature_lists() %}
    {% set known = usable_features() %}
    {% for feature, weight in (var('value_features') or {}).items() %}
        {{ check_known('var value_features', feature, known) }}
        {{ check_value('var value_features: ' ~ feature, weight, {'is': 'number'}) }}
    {% endfor %}
    {% for segmentation, version in (var('pinned_versions') or {}).items() %}
        {{ check_known('var pinned_versions', segmentation, var('segmentations')) }}
        {{ check_value('var pinned_versions: ' ~ segmentation, version, {'is': 'whole number', 'min': 1}) }}
    {% endfor %}
{% endmacro %}
