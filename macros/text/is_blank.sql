{# Whether a trimmed text says nothing: blank, or one of the usual marks of a missing value, none of which is long. #}
{% macro is_blank(text) -%}
    case
        when length({{ text }}) < 9
            then
                position('|' || lower({{ text }}) || '|' in (
                    '||?|-|--|.|na|n/a|n.a.|#n/a|#na|<na>|nan|-nan|nat|null|#null!|(null)|<null>|none|nil|unknown|#ref!|#value!'
                    || '|#div/0!|#name?|#num!|'
                )) > 0
        else false
    end
{%- endmacro %}
