{# Every numeric feature a customer has, as it is, engineered, counted from a date or from purchases: {name: {label,
   unit}}. A date counts as the days from it to the day that features are computed for. #}
{% macro numeric_features() %}
    {% set features = {} %}
    {% do features.update(customer_columns('number')) %}
    {% for name, column in customer_columns('date').items() %}
        {% do features.update({name: {'label': 'days since ' ~ column.label, 'unit': 'days'}}) %}
    {% endfor %}
    {% do features.update(engineered_features()) %}
    {% do features.update(purchase_features()) %}
    {{ return(features) }}
{% endmacro %}

{# The valid range of every numeric feature: {name: {min, max}}, none where it has no bound. #}
{% macro numeric_ranges() %}
    {% set ranges = {} %}
    {% for name, feature in numeric_features().items() %}
        {% do ranges.update({name: {'min': feature.get('min'), 'max': feature.get('max')}}) %}
    {% endfor %}
    {{ return(ranges) }}
{% endmacro %}
