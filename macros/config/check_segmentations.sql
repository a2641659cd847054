{# Stops a run for a var `segmentations` that names no features, unknown ones or impossible weights. #}
{% macro check_segmentations() %}
    {% set known = usable_features() %}
    {% for segmentation, declared in var('segmentations').items() %}
        {% set own = 'var segmentations: `' ~ segmentation ~ '`' %}
        {{ check_name('var segmentations', segmentation, ['segments', 'scores'] + known) }}
        {% for key in declared %}
            {{ check_known(own, key, {'features': 1, 'n_clusters': 1}) }}
        {% endfor %}
        {% for feature, said in declared.features.items() %}
            {{ check_known(own, feature, known) }}
            {% for key in (said if said is mapping else []) %}
                {{ check_known(own ~ ': ' ~ feature, key, {'weight': 1, 'transform': 1}) }}
            {% endfor %}
            {% set weight = said.get('weight', 1) if said is mapping else said %}
            {% if weight is not number or weight is boolean or not 0 < weight < 1e6 %}
                {% do exceptions.raise_compiler_error(
                    own ~ " gives `" ~ feature ~ "` the weight " ~ weight
                    ~ "; make it a number over 0, or leave the feature out.") %}
            {% elif said is mapping %}
                {{ check_known(own ~ ': ' ~ feature ~ ': transform', said.get('transform', 'auto'),
                    {'auto': 1, 'none': 1, 'log': 1}) }}
            {% endif %}
        {% endfor %}
    {% endfor %}
{% endmacro %}

{# Every feature that a segmentation may name. #}
{% macro usable_features() %}
    {{ return((numeric_features().keys() | list + customer_columns('category').keys() | list) | unique | list) }}
{% endmacro %}
