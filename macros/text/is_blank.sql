{# Whether a trimmed text says nothing: blank, or one of the usual marks of a missing value. #}
{% macro is_blank(text) -%}
    lower({{ text }}) in (
        '', '?', '-', '--', '.', 'na', 'n/a', 'n.a.', '#n/a', '#na', '<na>', 'nan', '-nan', 'nat', 'null', '#null!', '(null)',
        '<null>', 'none', 'nil', 'unknown', '#ref!', '#value!', '#div/0!', '#name?', '#num!'
    )
{%- endmacro %}
