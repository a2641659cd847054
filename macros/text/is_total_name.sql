{# Whether a text is what people call the row that adds up the others. #}
{% macro is_total_name(text) -%}
    lower(trim(translate({{ text }}, ':', ''))) in (
        'total', 'totals', 'grand total', 'sum', 'overall', 'all', 'gesamt', 'gesamtsumme', 'summe', 'insgesamt', 'total général',
        'total general', 'totale', 'totaal', 'suma', 'razem', 'totalt', 'yhteensä'
    )
{%- endmacro %}
