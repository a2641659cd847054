{# Whether the command at hand concerns this project: in a project that installs it as a package, only one that selects
   something of ours. #}
{% macro selects_ours() %}
    {% if project_name == 'mall_segments' %}
        {{ return(true) }}
    {% endif %}
    {% for id in selected_resources if id.split('.')[1] == 'mall_segments' %}
        {{ return(true) }}
    {% endfor %}
    {{ return(false) }}
{% endmacro %}
