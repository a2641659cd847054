{# A var of this project, as dbt's own `var` gives it. This is where every model and macro here reads one, so it is
   where a value of another kind is refused: SQL is made of the vars while the project is read, before `check_vars` can
   say what is wrong. #}
{% macro var(name) %}
    {% set value = builtins.var(name) %}
    {% if not execute %}
        {% do check_kind(name, value) %}
    {% endif %}
    {{ return(value) }}
{% endmacro %}
