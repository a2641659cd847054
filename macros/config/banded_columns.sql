{# Which band column tells of which feature: {band column: feature}. #}
{% macro banded_columns() %}
    {{ return({'age_band': 'age', 'income_band': 'annual_income_k', 'spending_band': 'spending_score'}) }}
{% endmacro %}
