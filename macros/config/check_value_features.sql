{# Stops a run where the var `value_features` names what no feature is called, or weighs one by nothing. The mall's own
   features may be named by a project that was not given them: the default does. #}
{% macro check_value_features() %}
    {% set features = numeric_features() %}
    {% set of_the_mall = ['annual_income_k', 'spending_score'] %}
    {% set given = var('value_features') or {} %}
    {% if given is not mapping %}
        {% do exceptions.raise_compiler_error(
            "var value_features: " ~ given ~ " is no list of features with their weights; write "
            ~ "`{<feature>: 1}`, with a minus where less is worth more.") %}
    {% endif %}
    {% for feature, weight in given.items() %}
        {% if feature not in features and feature not in of_the_mall %}
            {% do exceptions.raise_compiler_error(
                "var value_features: no feature is called `" ~ feature ~ "`; use some of "
                ~ features.keys() | join(', ') ~ ".") %}
        {% elif weight is not number or weight is boolean or weight == 0 or weight | string in ('nan', 'inf', '-inf') %}
            {% do exceptions.raise_compiler_error(
                "var value_features: `" ~ feature ~ "` has the weight " ~ weight ~ "; make it a number over 0, or under "
                ~ "0 where less is worth more, or leave the feature out.") %}
        {% endif %}
    {% endfor %}
    {% if var('average_band_z') is not number or var('average_band_z') <= 0 %}
        {% do exceptions.raise_compiler_error(
            "var average_band_z: " ~ var('average_band_z') ~ " bounds no band; make it a number over 0, in standard "
            ~ "deviations.") %}
    {% endif %}
{% endmacro %}
