{# Stops the run for a name that cannot become part of names of columns. #}
{% macro check_name(place, name, taken=[]) %}
    {% if not modules.re.fullmatch('[a-z][a-z0-9_]{0,50}', name | string) or '__' in name %}
        {% do exceptions.raise_compiler_error(
            place ~ ": `" ~ name ~ "` cannot be a name here; use lower-case letters, digits and single _, a letter "
            ~ "first.") %}
    {% elif name in reserved_names() or name in taken %}
        {% do exceptions.raise_compiler_error(
            place ~ ": `" ~ name ~ "` is taken, by the project or by SQL; use another name, as in `my_" ~ name
            ~ "`; `from` says what the source calls it.") %}
    {% endif %}
{% endmacro %}
