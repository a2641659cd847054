{# A var that holds names with values, empty where it holds something else: `check_vars` says so before anything runs,
   and until then reading the project must not fail. #}
{% macro settings(name) %}
    {% set given = var(name) %}
    {{ return(given if given is mapping else {}) }}
{% endmacro %}
