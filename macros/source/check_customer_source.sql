{# Stops a run before it reads customers from where there are none, with one sentence that names the var and how to fix
   it. Only a run that reads them looks; the seed needs no check, since it may not be there yet. #}
{% macro check_customer_source(selected) %}
    {% set file, table = var('customers_file'), var('customers_table') %}
    {% if file and table %}
        {% do exceptions.raise_compiler_error(
            "vars customers_file and customers_table: both are set (`" ~ file ~ "`, `" ~ table ~ "`); leave one null."
        ) %}
    {% endif %}
    {% set reads = 'model.mall_segments.stg_customers' in selected
        or 'model.mall_segments.column_readings' in selected %}
    {% if reads and flags.WHICH in ('build', 'run') %}
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
