{# The numeric features of a segmentation, or of all segmentations together, as a list. #}
{% macro segmentation_numbers(segmentation=none) %}
    {% set names = [] %}
    {% for each in ([segmentation] if segmentation else var('segmentations')) %}
        {% for name, feature in segmentation_features(each).items() if not feature.is_category and name not in names %}
            {% do names.append(name) %}
        {% endfor %}
    {% endfor %}
    {{ return(names) }}
{% endmacro %}
