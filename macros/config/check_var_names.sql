{# Stops a run for a var that is misspelt: one under our name, and where this project is the root any. #}
{% macro check_var_names() %}
    {% set declared = adapter.config.vars.to_dict() %}
    {% set ours = declared.get('mall_segments', {}) %}
    {% set names = ours.keys() | list if ours is mapping else [] %}
    {% if adapter.config.project_name == 'mall_segments' %}
        {% set packages = graph.nodes.values() | map(attribute='package_name') | unique | list %}
        {% for name in declared.keys() | list + adapter.config.cli_vars.keys() | list if name not in packages %}
            {% do names.append(name) %}
        {% endfor %}
    {% endif %}
    {% for name in names %}
        {{ check_known('vars', name, known_vars()) }}
    {% endfor %}
{% endmacro %}
