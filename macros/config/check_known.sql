{# Stops the run for a name that is none of those there are, and says which is nearest. #}
{% macro check_known(place, name, names) %}
    {% if name not in names | list %}
        {% set best = namespace(score=-1, name='') %}
        {% for known in names %}
            {% set score = name_similarity(name | string, known | string) %}
            {% if score > best.score %}
                {% set best.score, best.name = score, known %}
            {% endif %}
        {% endfor %}
        {% do exceptions.raise_compiler_error(
            place ~ ": there is no `" ~ name ~ "`; " ~ ("did you mean `" ~ best.name ~ "`?" if best.score > 0.4
            else "it can be " ~ names | join(', ') ~ ".")) %}
    {% endif %}
{% endmacro %}

{# How alike two names are, 0 to 1: the share of pairs of neighboring letters they have in common (Dice 1945). #}
{% macro name_similarity(one, other) %}
    {% set pairs = [[], []] %}
    {% for name in [one, other] %}
        {% set text, list = '^' ~ name | lower ~ '$', pairs[loop.index0] %}
        {% for n in range(text | length - 1) %}
            {% do list.append(text[n:n + 2]) %}
        {% endfor %}
    {% endfor %}
    {% set all = pairs[0] | length + pairs[1] | length %}
    {% set shared = namespace(count=0) %}
    {% for pair in pairs[0] if pair in pairs[1] %}
        {% set shared.count = shared.count + 1 %}
        {% do pairs[1].remove(pair) %}
    {% endfor %}
    {{ return(2 * shared.count / all) }}
{% endmacro %}
