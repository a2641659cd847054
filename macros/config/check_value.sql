{# Stops the run where a value does not keep to its rule; `known_vars` says what rules are. Without `is_bounded` a
   number may lie outside its bounds. #}
{% macro check_value(place, value, rule, is_bounded=true) %}
    {% if value is none and rule.null %}
        {{ return('') }}
    {% endif %}
    {% set is_number = value is number and value is not boolean and (value - value) == 0 %}
    {% set fits = {
        'text': value is string and value | trim != '',
        'character': value is string and value | length == 1,
        'number': is_number,
        'whole number': is_number and value is integer,
        'yes or no': value is boolean,
        'day': is_day(value),
        'names with values': value is mapping,
        'list': value is not string and value is not mapping and value is iterable
            and value | select('string') | list | length == value | length,
    } %}
    {% set wanted = {
        'yes or no': 'true or false', 'day': 'a day, as in 2026-11-25', 'list': 'a list of names, as in [a, b]',
        'names with values': 'names with values, as in {a: 1}',
    } %}
    {% if not fits[rule.is] %}
        {% do exceptions.raise_compiler_error(
            place ~ ": it is `" ~ ('null' if value is none else value) ~ "`; make it " ~ wanted.get(rule.is, 'a ' ~ rule.is)
            ~ (', or null' if rule.null else '') ~ '.') %}
    {% elif is_number and is_bounded and (
        'min' in rule and value < rule.min or 'max' in rule and value > rule.max or 'over' in rule and value <= rule.over
    ) %}
        {% set bounds = [] %}
        {% set limits = {'at least': rule.min, 'at most': rule.max, 'over': rule.over} %}
        {% for word, bound in limits.items() if bound is number %}
            {% do bounds.append(word ~ ' ' ~ bound) %}
        {% endfor %}
        {% do exceptions.raise_compiler_error(
            place ~ ": it is " ~ value ~ "; use a " ~ rule.is ~ ' of ' ~ bounds | join(' and ') ~ '.') %}
    {% endif %}
    {% if rule.holds %}
        {% for key in value %}
            {{ check_known(place, key, rule.holds) }}
        {% endfor %}
        {% for key, part in rule.holds.items() %}
            {% if key not in value and not part.null %}
                {% do exceptions.raise_compiler_error(
                    place ~ ": `" ~ key ~ "` is missing; it holds " ~ rule.holds | join(', ') ~ ".") %}
            {% endif %}
            {{ check_value(place ~ ': ' ~ key, value.get(key), part, is_bounded) }}
        {% endfor %}
    {% endif %}
{% endmacro %}
