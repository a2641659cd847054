{# The source's header behind each of our columns: {name: header}. Headers match without regard to case and
   surrounding spaces; one that is missing stops the run. #}
{% macro source_columns() %}
    {% set found = {} %}
    {% if not execute %}
        {{ return(found) }}
    {% endif %}
    {% set headers = {} %}
    {% for header in get_columns_in_query('select * from ' ~ customer_source()) %}
        {% do headers.update({header | trim | lower: header}) %}
    {% endfor %}
    {% set wanted = {'customer_id': {'from': var('customer_columns').customer_id.get('from', ['customer_id'])}} %}
    {% do wanted.update(customer_columns()) %}
    {% for name, column in wanted.items() %}
        {% for header in column.from if header | trim | lower in headers and name not in found %}
            {% do found.update({name: headers[header | trim | lower]}) %}
        {% endfor %}
        {% if name not in found %}
            {% do exceptions.raise_compiler_error(
                "var customer_columns: `" ~ name ~ "` comes from " ~ column.from | join(' or ')
                ~ ", which is not among the source's columns (" ~ headers.values() | join(', ')
                ~ "); name the right one, or take `" ~ name ~ "` out."
            ) %}
        {% endif %}
    {% endfor %}
    {{ return(found) }}
{% endmacro %}
