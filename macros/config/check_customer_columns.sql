{# Stops a run for a var `customer_columns` that cannot be read or whose names collide. #}
{% macro check_customer_columns() %}
    {% set text = {'is': 'text', 'null': true} %}
    {% set number = {'is': 'number', 'null': true} %}
    {% set headers = {'is': 'text', 'null': true} %}
    {% set yes_or_no = {'is': 'yes or no', 'null': true} %}
    {% set keys = {
        'from': {}, 'type': text, 'min': {}, 'max': {}, 'fill': {}, 'label': text, 'unit': {'is': 'text', 'null': true},
        'decimal': text, 'day_first': yes_or_no,
    } %}
    {% set declared = var('customer_columns') %}
    {% if 'customer_id' not in declared %}
        {% do exceptions.raise_compiler_error(
            "var customer_columns: `customer_id` is missing; add `customer_id: {from: [<your id column>]}`.") %}
    {% endif %}
    {% set bands = banded_columns().keys() | list %}
    {% set taken = engineered_features().keys() | list + purchase_features().keys() | list %}
    {% for name, column in declared.items() %}
        {% set place = 'var customer_columns' %}
        {% set own = place ~ ': `' ~ name ~ '`' %}
        {% if name != 'customer_id' %}
            {{ check_name(place, name, taken if name != 'spending_score' else []) }}
        {% endif %}
        {% set column = column or {} %}
        {% for key in column %}
            {{ check_known(own, key, {'from': 1, 'row_number': 1} if name == 'customer_id' else keys) }}
        {% endfor %}
        {% set from = column.get('from') %}
        {% for header in ([from] if from is string or from is not iterable else from)
            if from is not none and (header is not string or not header | trim) or from is mapping %}
            {% do exceptions.raise_compiler_error(
                own ~ " has from `" ~ from ~ "`; name a header of the source or a list of them, in quotes.") %}
        {% endfor %}
        {% if name == 'customer_id' %}
            {{ check_value(own ~ ': row_number', column.get('row_number'), yes_or_no) }}
            {% if column.get('row_number') and from %}
                {% do exceptions.raise_compiler_error(
                    own ~ " has both `from` and `row_number`; an id is either a column or the number of the row.") %}
            {% endif %}
        {% else %}
            {{ check_customer_column(own, customer_columns()[name], column) }}
            {% for key in ('decimal', 'day_first', 'label', 'unit') %}
                {{ check_value(own ~ ': ' ~ key, column.get(key) if column.get(key) != '' else none, keys[key]) }}
            {% endfor %}
        {% endif %}
        {# Names that the models make from others: `<column>_z` beside a column `<column>`. #}
        {% set figures = '_(z|mean|stddev|median|count|min|max|center|scale|is_imputed|low_fence|high_fence|fill_value'
            ~ '|is_log|weight|at_[0-9]+|(auto|none|log|scaled)(_.*)?)' %}
        {% for other in numeric_features() if modules.re.fullmatch(modules.re.escape(other) ~ figures, name) %}
            {% do exceptions.raise_compiler_error(
                own ~ " is the name the project gives to a figure of `" ~ other ~ "`; use another name, as in `my_" ~ name
                ~ "`; `from` says what the source calls it.") %}
        {% endfor %}
    {% endfor %}
    {% if not customer_columns() and not has_purchases() %}
        {% do exceptions.raise_compiler_error(
            "var customer_columns: there is only the id; add a column to cluster on, as in `visits: {type: number}`.") %}
    {% endif %}
{% endmacro %}

{% macro check_customer_column(own, column, declared) %}
    {% set types = {'number': 1, 'category': 1, 'boolean': 1, 'date': 1} %}
    {{ check_known(own ~ ': type', column.type, types) }}
    {% set bound = {'is': 'day' if column.type == 'date' else 'number', 'null': true} %}
    {% if column.type in ('category', 'boolean') %}
        {% for key in ('min', 'max', 'decimal', 'day_first') if declared.get(key) is not none %}
            {% do exceptions.raise_compiler_error(
                own ~ " is a " ~ column.type ~ " and has no `" ~ key ~ "`; take it out, or make it a number.") %}
        {% endfor %}
    {% elif column.type == 'date' and column.decimal is not none
        or column.type == 'number' and column.day_first is not none %}
        {% do exceptions.raise_compiler_error(
            own ~ ": `decimal` is for numbers and `day_first` for dates; take it out.") %}
    {% else %}
        {{ check_value(own ~ ': min', column.min, bound) }}
        {{ check_value(own ~ ': max', column.max, bound) }}
        {% if column.min is not none and column.max is not none and (column.min | string > column.max | string
            if column.type == 'date' else column.min > column.max) %}
            {% do exceptions.raise_compiler_error(
                own ~ " has min " ~ column.min ~ " over max " ~ column.max ~ "; swap them.") %}
        {% endif %}
    {% endif %}
    {% if column.decimal is not none and column.decimal not in ('comma', 'point') %}
        {% do exceptions.raise_compiler_error(own ~ " has decimal `" ~ column.decimal ~ "`; make it comma or point.") %}
    {% endif %}
    {% if column.type == 'category' and column.fill is not none %}
        {{ check_value(own ~ ': fill', column.fill, {'is': 'text'}) }}
    {% elif column.type == 'date' and column.fill is not none %}
        {{ check_value(own ~ ': fill', column.fill, {'is': 'day'}) }}
    {% elif column.type == 'boolean' and column.fill is not boolean %}
        {{ check_value(own ~ ': fill', column.fill, {'is': 'number', 'null': true, 'min': 0, 'max': 1}) }}
    {% elif column.type == 'number' %}
        {{ check_value(own ~ ': fill', column.fill, {'is': 'number', 'null': true}) }}
        {% if column.fill is not none and (column.min is not none and column.fill < column.min
            or column.max is not none and column.fill > column.max) %}
            {% do exceptions.raise_compiler_error(
                own ~ " has fill " ~ column.fill ~ ", which lies outside its own range; change one of them.") %}
        {% endif %}
    {% endif %}
{% endmacro %}
