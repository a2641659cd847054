{# What the source calls each of our columns: {name: {header, is_text}}. Headers match without regard to case and to
   white space around and between words; one that is missing stops the run. `source` is what to select from, by default
   what staging selects from. #}
{% macro source_columns(source=none) %}
    {% set wanted = {} %}
    {% if has_purchases_only() %}
        {% do wanted.update({'customer_id': {'from': ['customer_id']}}) %}
    {% elif not ids_are_row_numbers() %}
        {% set headers = (var('customer_columns').customer_id or {}).get('from') or 'customer_id' %}
        {% do wanted.update({'customer_id': {'from': [headers] if headers is string else headers}}) %}
    {% endif %}
    {% do wanted.update(customer_columns()) %}
    {{ return(matched_columns(customer_source() if source is none else source, wanted, 'customer_columns')) }}
{% endmacro %}

{# The same of a file, which is checked first. #}
{% macro file_columns(path) %}
    {{ return(source_columns(check_customers_file(path))) }}
{% endmacro %}

{# The same of any source and columns: {name: {header, is_text, data_type}}. `var_name` is the var that names them. #}
{% macro matched_columns(source, wanted, var_name) %}
    {% set found = {} %}
    {% if not execute %}
        {{ return(found) }}
    {% endif %}
    {% set headers = {} %}
    {% for column in get_column_schema_from_query('select * from ' ~ source) %}
        {% set is_text = modules.re.match('varchar|text|string|char', column.data_type | lower) is not none %}
        {% do headers.setdefault(
            same_header(column.name),
            {'header': column.name, 'is_text': is_text, 'data_type': column.data_type | lower}
        ) %}
    {% endfor %}
    {% for name, column in wanted.items() %}
        {% for header in column.from if same_header(header) in headers and name not in found %}
            {% do found.update({name: headers[same_header(header)]}) %}
        {% endfor %}
        {% if name not in found %}
            {% set known = [] %}
            {% for header in headers.values() if header.header not in csv_facts().values() %}
                {% do known.append(header.header) %}
            {% endfor %}
            {% do exceptions.raise_compiler_error(
                "var " ~ var_name ~ ": `" ~ name ~ "` comes from " ~ column.from | join(' or ')
                ~ ", which is not among the source's columns (" ~ known | join(', ')
                ~ "); name the right one, or take `" ~ name ~ "` out."
            ) %}
        {% endif %}
    {% endfor %}
    {{ return(found) }}
{% endmacro %}

{% macro same_header(header) %}
    {{ return((header | string).split() | join(' ') | lower) }}
{% endmacro %}
