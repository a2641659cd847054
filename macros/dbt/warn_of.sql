{# Says each sentence that a query returns as a warning of dbt, while a build or test runs. #}
{% macro warn_of(query) %}
    {% if execute and flags.WHICH in ('build', 'test') %}
        {% for row in run_query(query) %}
            {% do exceptions.warn(row[0]) %}
        {% endfor %}
    {% endif %}
{% endmacro %}
