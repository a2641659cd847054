{# The features among some that say how long ago something was, as a list: the days since the last purchase, or since a
   date of the customers. A segmentation by rule has one, its recency; of it alone less is better. #}
{% macro recency_features(features) %}
    {% set dates = customer_columns('date') %}
    {% set names = [] %}
    {% for name in features if name in dates or (name == 'recency_days' and name in purchase_features()) %}
        {% do names.append(name) %}
    {% endfor %}
    {{ return(names) }}
{% endmacro %}

{# The recency of a segmentation by rule. One without is left to `check_vars`, and must not fail here first. #}
{% macro recency_feature(segmentation) %}
    {{ return((recency_features(segmentation_numbers(segmentation)) + ['recency_days']) | first) }}
{% endmacro %}
