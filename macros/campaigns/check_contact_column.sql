{# Stops a run whose column of consent could not be trusted. #}
{% macro check_contact_column() %}
    {% set column = var('contact_column') %}
    {% if column and column not in customer_columns('category') %}
        {% do exceptions.raise_compiler_error(
            "var contact_column: `" ~ column ~ "` is not a category among the var customer_columns; add it there as `"
            ~ column ~ ": {type: category}`. Of any other type a missing consent would be filled in.") %}
    {% endif %}
{% endmacro %}
