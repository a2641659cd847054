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
        {% set made = ['cause', 'distance', 'first_action', 'former_model_segment_id', 'is_outlier', 'is_replaced',
            'known_segment_id', 'nickname', 'runner_up_distance', 'runner_up_segment_id', 'segment_id', 'segment_key',
            'segment_name'] %}
        {% for feature in (declared.features if is_by_rules(segmentation) else []) %}
            {% do made.append(feature ~ '_score') %}
        {% endfor %}
        {% for end in made if segmentation ~ '_' ~ end in known %}
            {% do exceptions.raise_compiler_error(
                "var customer_columns: `" ~ segmentation ~ "_" ~ end ~ "` is a column that the project makes for the "
                ~ "segmentation `" ~ segmentation ~ "`; use another name, as in `my_" ~ segmentation ~ "_" ~ end ~ "`.") %}
        {% endfor %}
        {% for key in declared %}
            {{ check_known(own, key, {'features': 1, 'n_clusters': 1, 'method': 1, 'cuts': 1}) }}
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
        {{ check_known(own ~ ': method', declared.get('method', 'kmeans'), {'kmeans': 1, 'rules': 1}) }}
        {% if is_by_rules(segmentation) %}
            {{ check_rules(own, declared) }}
        {% elif 'cuts' in declared %}
            {% do exceptions.raise_compiler_error(
                own ~ " has `cuts`, which are for `method: rules`; take them out.") %}
        {% endif %}
    {% endfor %}
{% endmacro %}

{# Stops a run for a segmentation by rule that does not have one recency and one or two numbers of which more is better,
   or that says what rules do not know. #}
{% macro check_rules(own, declared) %}
    {% set features = declared.features | list %}
    {% set recencies = recency_features(features) %}
    {% for feature, said in declared.features.items() %}
        {% if feature in customer_columns('category') %}
            {% do exceptions.raise_compiler_error(
                own ~ ": `" ~ feature ~ "` is a category, which has no score from low to high; take it out.") %}
        {% elif feature == 'spending_score' and scores_purchases() %}
            {% do exceptions.raise_compiler_error(
                own ~ ": `spending_score` is a score of the revenue already; take `revenue` in its place.") %}
        {% elif said is mapping or said != 1 %}
            {% do exceptions.raise_compiler_error(
                own ~ ": by rule `" ~ feature ~ "` has neither a weight nor a transform; write `" ~ feature ~ ": 1`.") %}
        {% endif %}
    {% endfor %}
    {% if recencies | length != 1 %}
        {% do exceptions.raise_compiler_error(
            own ~ " has " ~ ("no recency" if not recencies else "more than one recency (" ~ recencies | join(', ') ~ ")")
            ~ "; rules need just one, `recency_days` of the purchases or a date of the var customer_columns.") %}
    {% elif features | length not in (2, 3) %}
        {% do exceptions.raise_compiler_error(
            own ~ " has " ~ features | length ~ " features; rules need a recency and one or two of which more is better, "
            ~ "as in `features: {recency_days: 1, purchases: 1, revenue: 1}`.") %}
    {% elif 'n_clusters' in declared %}
        {% do exceptions.raise_compiler_error(
            own ~ " fixes n_clusters, but by rule the seed rfm_groups says how many there are; take it out.") %}
    {% endif %}
{% endmacro %}

{# Every feature that a segmentation may name. #}
{% macro usable_features() %}
    {{ return((numeric_features().keys() | list + customer_columns('category').keys() | list) | unique | list) }}
{% endmacro %}
