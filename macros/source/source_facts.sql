{# What is known of every source row beside its values, as SQL: {source_file, file_has_semicolons, has_more_cells,
   has_fewer_cells}. Only CSV files have separators to count. #}
{% macro source_facts(file) %}
    {% set facts = {} %}
    {# A path with another ending is left to `check_vars`, which speaks once everything is read. #}
    {% set of_csv = file and execute and target.type == 'duckdb' and customer_file_format(file) == 'csv' %}
    {% for fact, column in csv_facts().items() %}
        {% set unknown = "''" if fact == 'source_file' else 'false' %}
        {% do facts.update({fact: column if of_csv else unknown}) %}
    {% endfor %}
    {{ return(facts) }}
{% endmacro %}
