{# Whether a text is what people call the row that adds up the others. Texts with digits, as most ids are, are out at
   first sight. #}
{% macro is_total_name(text) -%}
    case
        when {{ matches(text, '^[^0-9]{3,16}$') }}
            then
                position('|' || lower(trim(translate({{ text }}, ':', ''))) || '|' in (
                    '|total|totals|grand total|overall|sum|gesamt|gesamtsumme|summe|insgesamt|total general|total général'
                    || '|totale|totaal|suma|razem|totalt|yhteensä|'
                )) > 0
        else false
    end
{%- endmacro %}
