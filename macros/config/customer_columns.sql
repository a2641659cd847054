{# The var `customer_columns` with every default filled in: {name: {from, type, min, max, fill, label, unit}}.
   `type` keeps only the columns of that type: 'number' or 'category'. #}
{% macro customer_columns(type=none) %}
    {% set columns = {} %}
    {% for name, given in var('customer_columns').items() if name != 'customer_id' %}
        {% set column = {
            'from': given.get('from', [name]),
            'type': given.get('type', 'number'),
            'min': given.get('min'),
            'max': given.get('max'),
            'fill': given.get('fill'),
            'label': given.get('label', name | replace('_', ' ')),
            'unit': given.get('unit', ''),
        } %}
        {% if type is none or column.type == type %}
            {% do columns.update({name: column}) %}
        {% endif %}
    {% endfor %}
    {{ return(columns) }}
{% endmacro %}
