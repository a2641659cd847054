{# A var that holds names with values, with none for a setting that is left out, and empty where it holds something
   else: `check_vars` says so before anything runs, and until then reading the project must not fail. #}
{% macro settings(name) %}
    {% set declared = var(name) %}
    {% set found = {} %}
    {% for key in known_vars()[name].get('holds', {}) %}
        {% do found.update({key: none}) %}
    {% endfor %}
    {% do found.update(declared if declared is mapping else {}) %}
    {{ return(found) }}
{% endmacro %}
