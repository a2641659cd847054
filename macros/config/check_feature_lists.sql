{# Stops the run for vars that speak of features or segmentations there are none of. The mall's features stand in the
   defaults of these vars, so they are no mistake where customers have other columns. #}
{% macro check_feature_lists() %}
    {% set malls = ['age', 'gender', 'is_female', 'annual_income_k', 'spending_score'] %}
    {% set known = usable_features() %}
    {% for feature, weight in (var('value_features') or {}).items() %}
        {% if feature not in malls %}
            {{ check_known('var value_features', feature, known) }}
        {% endif %}
        {{ check_value('var value_features: ' ~ feature, weight, {'is': 'number'}) }}
    {% endfor %}
    {% for feature in var('fixed_features') or [] if feature not in malls %}
        {{ check_known('var fixed_features', feature, known) }}
    {% endfor %}
    {% for feature in var('fairness_accepted') or [] if feature not in malls %}
        {{ check_known('var fairness_accepted', feature, known) }}
    {% endfor %}
    {% for name in var('fairness_attributes') or [] if name not in fairness_attributes() %}
        {% do exceptions.raise_compiler_error(
            "var fairness_attributes: `" ~ name ~ "` is neither a category of the var customer_columns nor a number "
            ~ "with bands (" ~ banded_columns().values() | join(', ') ~ "); use one of these, or leave it out.") %}
    {% endfor %}
    {% for segmentation, version in (var('pinned_versions') or {}).items() %}
        {{ check_known('var pinned_versions', segmentation, var('segmentations')) }}
        {{ check_value('var pinned_versions: ' ~ segmentation, version, {'is': 'whole number', 'min': 1}) }}
    {% endfor %}
{% endmacro %}
