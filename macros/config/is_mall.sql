{# Whether the customers are a mall's, as far as actions and nicknames that speak of one go: they bring an income and a
   spending score of their own. A score computed from purchases is any shop's. #}
{% macro is_mall() %}
    {% set columns = customer_columns() %}
    {{ return('annual_income_k' in columns and 'spending_score' in columns) }}
{% endmacro %}
