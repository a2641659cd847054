{# The features of a segmentation with every default filled in: {name: {weight, transform, is_category}}. #}
{% macro segmentation_features(segmentation) %}
    {% set features = {} %}
    {% set categories = customer_columns('category') %}
    {% for name, setting in var('segmentations')[segmentation].features.items() %}
        {% set setting = setting if setting is mapping else {'weight': setting} %}
        {% do features.update({name: {
            'weight': setting.get('weight', 1),
            'transform': setting.get('transform', 'auto'),
            'is_category': name in categories,
        }}) %}
    {% endfor %}
    {{ return(features) }}
{% endmacro %}
