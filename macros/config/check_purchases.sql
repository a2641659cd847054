{# Stops a run for a var of the purchases that cannot be read or that another one contradicts. #}
{% macro check_purchases() %}
    {% set file, table, declared = var('purchases_file'), var('purchases_table'), var('purchase_columns') or {} %}
    {% if file and table %}
        {% do exceptions.raise_compiler_error(
            "vars purchases_file and purchases_table: both are set (`" ~ file ~ "`, `" ~ table ~ "`); leave one null."
        ) %}
    {% elif not file and not table %}
        {% if declared %}
            {% do exceptions.raise_compiler_error(
                "var purchase_columns: there are no purchases; set purchases_file or purchases_table, or take it out."
            ) %}
        {% endif %}
        {{ return('') }}
    {% endif %}
    {% set text, day = {'is': 'text'}, {'is': 'day'} %}
    {% set number = {'from': {}, 'decimal': text} %}
    {% set known = {
        'customer': {'from': {}}, 'date': {'from': {}, 'day_first': {'is': 'yes or no'}, 'min': day, 'max': day},
        'amount': number, 'order_id': {'from': {}}, 'quantity': number, 'unit_price': number,
        'category': {'from': {}}, 'currency': {'from': {}, 'keep': text}, 'returned': {'from': {}},
    } %}
    {% for name, said in declared.items() %}
        {% set own = 'var purchase_columns: `' ~ name ~ '`' %}
        {{ check_known('var purchase_columns', name, known) }}
        {% for key, value in (said if said is mapping else {}).items() %}
            {{ check_known(own, key, known[name]) }}
            {% if key != 'from' %}
                {{ check_value(own ~ ': ' ~ key, value, known[name][key]) }}
            {% endif %}
            {% if key == 'decimal' and value not in ('comma', 'point') %}
                {% do exceptions.raise_compiler_error(own ~ " has decimal `" ~ value ~ "`; make it comma or point.") %}
            {% endif %}
        {% endfor %}
        {% set from = said.get('from', name) if said is mapping else said %}
        {% for header in ([from] if from is string or from is not iterable else from)
            if header is not string or not header | trim or from is mapping %}
            {% do exceptions.raise_compiler_error(
                own ~ " comes from `" ~ from ~ "`; name a header of the purchases or a list of them, in quotes.") %}
        {% endfor %}
    {% endfor %}
    {% set columns = purchase_columns() %}
    {% for name in ('customer', 'date') if name not in columns %}
        {% do exceptions.raise_compiler_error(
            "var purchase_columns: `" ~ name ~ "` is missing; add `" ~ name ~ ": <your header>`.") %}
    {% endfor %}
    {% if 'amount' not in columns and not ('quantity' in columns and 'unit_price' in columns) %}
        {% do exceptions.raise_compiler_error(
            "var purchase_columns: nothing says what a purchase was worth; add `amount: <your header>`, or both "
            ~ "`quantity` and `unit_price`.") %}
    {% endif %}
    {% set dates = columns.date %}
    {% if dates.min is not none and dates.max is not none and dates.min | string > dates.max | string %}
        {% do exceptions.raise_compiler_error(
            "var purchase_columns: `date` has min " ~ dates.min ~ " over max " ~ dates.max ~ "; swap them.") %}
    {% endif %}
    {% if var('repeated_purchases') not in (none, 'keep', 'reject') %}
        {% do exceptions.raise_compiler_error(
            "var repeated_purchases: it is `" ~ var('repeated_purchases') ~ "`; make it keep or reject, or null.") %}
    {% endif %}
    {% if has_purchases_only() and 'model.mall_segments.stg_customers' not in graph.nodes %}
        {% do exceptions.raise_compiler_error(
            "var purchases_file or purchases_table: with a stg_customers of your own, set customers_table to the table it "
            ~ "makes, so that its customers count beside the purchases.") %}
    {% elif has_purchases_only() %}
        {% for name in var('customer_columns')
            if name not in ('customer_id', 'gender', 'age', 'annual_income_k', 'spending_score') %}
            {% do exceptions.raise_compiler_error(
                "var customer_columns: `" ~ name ~ "` has no source, since customers come from their purchases; set "
                ~ "customers_file or customers_table, or take it out.") %}
        {% endfor %}
    {% elif ids_are_row_numbers() %}
        {% do exceptions.raise_compiler_error(
            "var customer_columns: `customer_id` is the number of the row, which no purchase can name; give it "
            ~ "`from`, or leave the purchases out.") %}
    {% endif %}
{% endmacro %}
