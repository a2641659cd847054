{# Stops a run before it reads customers from where there are none, with one sentence that names the var and how to fix
   it. Only a run that reads them looks; the seed needs no check, since it may not be there yet. #}
{% macro check_customer_source(selected) %}
    {% set file, table = var('customers_file'), var('customers_table') %}
    {% if file and table %}
        {% do exceptions.raise_compiler_error(
            "vars customers_file and customers_table: both are set (`" ~ file ~ "`, `" ~ table ~ "`); leave one null."
        ) %}
    {% endif %}
    {% set readers = [
        'model.mall_segments.customer_csv_rows', 'model.mall_segments.column_readings', 'model.mall_segments.stg_customers',
    ] %}
    {% if selected | select('in', readers) | list and flags.WHICH in ('build', 'run') %}
        {% if file %}
            {% do file_columns(file) %}
            {% do warn_of_former_rows(file, 'customer_csv_rows', 'stg_customers', selected) %}
        {% elif table %}
            {% do check_source_table(table, 'customers_table') %}
            {% do source_columns() %}
        {% endif %}
    {% endif %}
{% endmacro %}

{# The same for purchases. #}
{% macro check_purchase_source(selected) %}
    {% set readers = [
        'model.mall_segments.purchase_csv_rows', 'model.mall_segments.purchase_readings', 'model.mall_segments.purchase_rows',
    ] %}
    {% if has_purchases() and selected | select('in', readers) | list and flags.WHICH in ('build', 'run') %}
        {% if var('purchases_file') %}
            {% do purchase_source_columns(check_customers_file(var('purchases_file'), 'purchases_file')) %}
            {% do warn_of_former_rows(var('purchases_file'), 'purchase_csv_rows', 'stg_purchases', selected) %}
        {% else %}
            {% do check_source_table(var('purchases_table'), 'purchases_table') %}
            {% do purchase_source_columns() %}
        {% endif %}
    {% endif %}
{% endmacro %}

{# Warns of a run that reads the rows of a CSV file from the table of an earlier run. #}
{% macro warn_of_former_rows(path, loaded, staged, selected) %}
    {% if loads_csv(path) and 'model.mall_segments.' ~ loaded not in selected %}
        {% do exceptions.warn(
            "This command does not load `" ~ path ~ "`, but reads its rows as " ~ loaded ~ " holds them from an earlier run; "
            ~ "to load the file again, select +" ~ staged ~ ".") %}
    {% endif %}
{% endmacro %}

{# Stops the run for a table that is not in the warehouse. #}
{% macro check_source_table(table, var_name) %}
    {% set names = table.split('.') %}
    {% if names | length not in (2, 3) or not adapter.get_relation(
        names[-3] if names | length == 3 else target.get('database'), names[-2], names[-1]
    ) %}
        {% do exceptions.raise_compiler_error(
            "var " ~ var_name ~ ": there is no table `" ~ table ~ "`; name one as schema.table.") %}
    {% endif %}
{% endmacro %}
