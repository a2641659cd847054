{# Yes as 1 and no as 0, as a double, in the usual words of a few languages; null for anything else. #}
{% macro clean_boolean(text) -%}
    case
        when lower({{ text }}) in ('true', 't', 'yes', 'y', '1', '1.0', 'on', 'ja', 'j', 'oui', 'o', 'si', 'sí', 's', 'sim', 'wahr', 'vrai', 'x')
            then 1e0
        when lower({{ text }}) in ('false', 'f', 'no', 'n', '0', '0.0', 'off', 'nein', 'non', 'não', 'falsch', 'faux')
            then 0e0
    end
{%- endmacro %}
