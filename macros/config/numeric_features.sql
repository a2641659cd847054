{# Every numeric feature a customer has, as it is, engineered or counted from a date: {name: {label, unit}}. A date
   counts as the days from it to the day that features are computed for. #}
{% macro numeric_features() %}
    {% set features = {} %}
    {% do features.update(customer_columns('number')) %}
    {% for name, column in customer_columns('date').items() %}
        {% do features.update({name: {'label': 'days since ' ~ column.label, 'unit': 'days'}}) %}
    {% endfor %}
    {% do features.update(engineered_features()) %}
    {{ return(features) }}
{% endmacro %}
