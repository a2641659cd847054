{# The band columns that the given customer columns allow. #}
{% macro customer_bands() %}
    {% set bands = {'age': 'age_band', 'annual_income_k': 'income_band', 'spending_score': 'spending_band'} %}
    {% set names = [] %}
    {% for column, band in bands.items() if column in var('customer_columns') %}
        {% do names.append(band) %}
    {% endfor %}
    {{ return(names) }}
{% endmacro %}
