{# Features computed from customer columns: {name: {sql, label, unit}}. One whose columns the project
   does not have is left out. #}
{% macro engineered_features() %}
    {% set declared = customer_columns() %}
    {% set features = {} %}
    {% if 'gender' in declared %}
        {% do features.update({'is_female': {
            'sql': "case " ~ gender_group('gender') ~ " when 'women' then 1.0 when 'men' then 0.0 end",
            'label': 'share of women',
            'unit': '',
        }}) %}
    {% endif %}
    {% if 'spending_score' in declared and 'annual_income_k' in declared %}
        {% do features.update({'spending_per_income': {
            'sql': 'spending_score / nullif(annual_income_k, 0)',
            'label': 'spending score per k$ of income',
            'unit': 'points per k$',
        }}) %}
    {% endif %}
    {{ return(features) }}
{% endmacro %}
