{# Every numeric feature a customer has, given or engineered: {name: {label, unit}}. #}
{% macro numeric_features() %}
    {% set features = {} %}
    {% do features.update(customer_columns('number')) %}
    {% do features.update(engineered_features()) %}
    {{ return(features) }}
{% endmacro %}
