{# The var `purchase_columns` with every default filled in: {name: {from, type, decimal, day_first, min, max, keep}}.
   What is wrong with the var is left to `check_vars`. #}
{% macro purchase_columns() %}
    {% set types = {
        'customer': 'id', 'date': 'date', 'amount': 'number', 'order_id': 'text', 'quantity': 'number',
        'unit_price': 'number', 'category': 'text', 'currency': 'text', 'returned': 'boolean',
    } %}
    {% set declared = var('purchase_columns') or {} %}
    {% set columns = {} %}
    {% for name, type in types.items() if declared.get(name) %}
        {% set said = declared[name] if declared[name] is mapping else {'from': declared[name]} %}
        {% set source = said.get('from') or name %}
        {% do columns.update({name: {
            'from': [source] if source is string or source is not iterable else source | list,
            'type': type,
            'decimal': said.get('decimal'),
            'day_first': said.get('day_first'),
            'min': said.get('min'),
            'max': said.get('max'),
            'keep': said.get('keep'),
        }}) %}
    {% endfor %}
    {{ return(columns) }}
{% endmacro %}
