{# Stops reading the project for a var of another kind than it has to be, whose SQL could not even be written: a list
   for names with values, a text for a number. A wrong value of the right kind is left to `check_vars`. #}
{% macro check_kind(name, value) %}
    {% set rule = known_vars()[name] %}
    {% if rule.is != 'day' %}
        {{ check_value('var ' ~ name, value, rule, is_bounded=name == 'cluster_counts') }}
    {% endif %}
    {% if name == 'customer_columns' %}
        {% for column, declared in value.items() if declared is not none and declared is not mapping %}
            {% do exceptions.raise_compiler_error(
                "var customer_columns: `" ~ column ~ "` is `" ~ declared ~ "`; say what it is, as in `" ~ column
                ~ ": {from: [" ~ declared ~ "]}`.") %}
        {% endfor %}
    {% elif name == 'segmentations' %}
        {% if not value %}
            {% do exceptions.raise_compiler_error(
                "var segmentations: it is empty; name at least one with its features, as in "
                ~ "`shopping: {features: {visits: 1}}`.") %}
        {% endif %}
        {% for segmentation, declared in value.items() %}
            {% set own = 'var segmentations: `' ~ segmentation ~ '`' %}
            {% if declared is not mapping or declared.get('features') is not mapping or not declared.features %}
                {% do exceptions.raise_compiler_error(
                    own ~ " has no features; give it `features: {<feature>: 1}`.") %}
            {% endif %}
            {% set n_clusters = declared.get('n_clusters', 2) %}
            {% if n_clusters is not integer or n_clusters is boolean or not 2 <= n_clusters <= 100 %}
                {% do exceptions.raise_compiler_error(
                    own ~ " fixes n_clusters at `" ~ n_clusters ~ "`; make it a whole number from 2 to 100, or leave"
                    ~ " it out.") %}
            {% endif %}
        {% endfor %}
    {% endif %}
{% endmacro %}
