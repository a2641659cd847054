{# What the mix of an audience is compared by, from the var `fairness_attributes`: {name: {label, features, group}},
   where `group` is SQL on `customer_scores` that is null for whoever does not state it, and `features` are those that
   stand for the attribute in a segmentation. Gender and age are the default, where the customers have them. #}
{% macro fairness_attributes() %}
    {% set columns = customer_columns() %}
    {% set bands = {} %}
    {% for band, feature in banded_columns().items() %}
        {% do bands.update({feature: band}) %}
    {% endfor %}
    {% set wanted = var('fairness_attributes') %}
    {% if wanted is none %}
        {% set wanted = ['gender', 'age'] | select('in', columns) | list %}
    {% endif %}
    {% set attributes = {} %}
    {% for name in wanted %}
        {% set column = columns.get(name) %}
        {% if column and column.type == 'category' %}
            {% do attributes.update({name: {
                'label': column.label,
                'features': ['gender', 'is_female'] if name == 'gender' else [name],
                'group': gender_group('gender') if name == 'gender' else name,
            }}) %}
        {% elif column and name in bands %}
            {% do attributes.update({name: {
                'label': column.label,
                'features': [name],
                'group': bands[name],
            }}) %}
        {% endif %}
    {% endfor %}
    {{ return(attributes) }}
{% endmacro %}
