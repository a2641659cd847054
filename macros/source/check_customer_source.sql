{# Stops a run before it reads customers from where there are none, with one sentence that names the var and the
   mend. The seed needs no check; it may not be there yet. #}
{% macro check_customer_source() %}
    {% set file, table = var('customers_file'), var('customers_table') %}
    {% if file and table %}
        {% do exceptions.raise_compiler_error(
            "vars customers_file and customers_table: both are set (`" ~ file ~ "`, `" ~ table ~ "`); leave one null."
        ) %}
    {% endif %}
    {% if execute and flags.WHICH in ('build', 'run') %}
        {% if file %}
            {% do check_customers_file(file) %}
        {% elif table %}
            {% set names = table.split('.') %}
            {% if names | length not in (2, 3) or not adapter.get_relation(
                names[-3] if names | length == 3 else target.database, names[-2], names[-1]
            ) %}
                {% do exceptions.raise_compiler_error(
                    "var customers_table: there is no table `" ~ table ~ "`; name one as schema.table.") %}
            {% endif %}
        {% endif %}
        {% if file or table %}
            {% do source_columns() %}
        {% endif %}
    {% endif %}
{% endmacro %}
