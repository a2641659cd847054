{# A name that becomes part of column names has to be one that SQL takes without quotes. #}
{% macro check_name(variable, name, reserved) %}
    {% if not modules.re.fullmatch('[a-z_][a-z0-9_]*', name) or name in reserved %}
        {% do exceptions.raise_compiler_error(
            "var " ~ variable ~ ": `" ~ name ~ "` cannot be a name here; use lower-case letters, digits and _, and none "
            ~ "of " ~ reserved | join(', ') ~ ".") %}
    {% endif %}
{% endmacro %}
