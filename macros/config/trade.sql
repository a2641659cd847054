{# The trade whose own actions are planned beside those for any: the var `trade`, else the mall where customers bring an
   income and a spending score of their own, else none, as ''. A score computed from purchases is any shop's. #}
{% macro trade() %}
    {% set columns = customer_columns() %}
    {% set is_mall = 'annual_income_k' in columns and 'spending_score' in columns %}
    {{ return(var('trade') or ('mall' if is_mall else '')) }}
{% endmacro %}
