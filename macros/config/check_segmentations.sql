{# Stops a run for a var `segmentations` that names no features, unknown ones or impossible weights. #}
{% macro check_segmentations() %}
    {% set known = usable_features() %}
    {% for segmentation, declared in var('segmentations').items() %}
        {% set own = 'var segmentations: `' ~ segmentation ~ '`' %}
        {{ check_name('var segmentations', segmentation, ['segments', 'scores'] + known) }}
        {# Columns and steps that the models name after a segmentation. #}
        {% for end in ('former', 'former_model', 'incumbent', 'known', 'new', 'refilled', 'runner_up')
            if segmentation.endswith('_' ~ end) and segmentation[:-(end | length + 1)] in var('segmentations') %}
            {% do exceptions.raise_compiler_error(
                own ~ " is the name the project gives to a step of `" ~ segmentation[:-(end | length + 1)]
                ~ "`; use another name, as in `my_" ~ segmentation ~ "`.") %}
        {% endfor %}
        {% for end in ('cause', 'distance', 'first_action', 'former_model_segment_id', 'is_outlier', 'is_replaced',
            'known_segment_id', 'nickname', 'runner_up_distance', 'runner_up_segment_id', 'segment_id', 'segment_key',
            'segment_name') if segmentation ~ '_' ~ end in known %}
            {% do exceptions.raise_compiler_error(
                "var customer_columns: `" ~ segmentation ~ "_" ~ end ~ "` is a column that the project makes for the "
                ~ "segmentation `" ~ segmentation ~ "`; use another name, as in `my_" ~ segmentation ~ "_" ~ end ~ "`.") %}
        {% endfor %}
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
