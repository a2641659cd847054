{# The segmentations that a method makes, 'kmeans' or 'rules', as a list, in the order of the var `segmentations`. #}
{% macro segmentations_by(method) %}
    {% set names = [] %}
    {% set declared = var('segmentations') %}
    {% for name, said in (declared.items() if declared is mapping else []) %}
        {% if (said.get('method', 'kmeans') if said is mapping else 'kmeans') == method %}
            {% do names.append(name) %}
        {% endif %}
    {% endfor %}
    {{ return(names) }}
{% endmacro %}

{# Whether a segmentation is made by rule, from scores of its features, rather than by K-Means. #}
{% macro is_by_rules(segmentation) %}
    {{ return(segmentation in segmentations_by('rules')) }}
{% endmacro %}

{# Whether any segmentation is made by rule; without one no model of rules is built. #}
{% macro has_rules() %}
    {{ return(segmentations_by('rules') | length > 0) }}
{% endmacro %}
