{# The var `customer_columns` with every default filled in, as a dict of name to what it says of the column. `type`
   keeps only the columns of that type: 'number' (which a boolean is, as 0 or 1), 'category' or 'date'. What is wrong
   with the var is left to `check_vars`. There are none where customers come from their purchases alone. #}
{% macro customer_columns(type=none) %}
    {% set columns = {} %}
    {% set all = {} if has_purchases_only() else var('customer_columns') %}
    {% for name, declared in all.items() if name != 'customer_id' %}
        {% set declared = declared or {} %}
        {% set source = declared.get('from') or name %}
        {% set column = {
            'from': [source] if source is not iterable or source is string else source | list,
            'type': declared.get('type', 'number'),
            'min': declared.get('min'),
            'max': declared.get('max'),
            'fill': declared.get('fill'),
            'decimal': declared.get('decimal'),
            'day_first': declared.get('day_first'),
            'label': declared.get('label', name | replace('_', ' ')),
            'unit': declared.get('unit', ''),
        } %}
        {% if type is none or type == ('number' if column.type == 'boolean' else column.type) %}
            {% do columns.update({name: column}) %}
        {% endif %}
    {% endfor %}
    {{ return(columns) }}
{% endmacro %}
