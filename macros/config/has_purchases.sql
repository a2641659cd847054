{# Whether the project has purchases; without them no model of theirs is built. #}
{% macro has_purchases() %}
    {{ return(true if var('purchases_file') or var('purchases_table') else false) }}
{% endmacro %}

{# Whether customers come from nowhere but their purchases. #}
{% macro has_purchases_only() %}
    {{ return(has_purchases() and not var('customers_file') and not var('customers_table')) }}
{% endmacro %}

{# Whether somebody who buys is a customer even where no customer table knows the id. #}
{% macro purchases_make_customers() %}
    {{ return(has_purchases_only() or (has_purchases() and var('purchases_make_customers'))) }}
{% endmacro %}

{# Whether a spending score is computed from purchases, because the customers bring none. #}
{% macro scores_purchases() %}
    {{ return(has_purchases() and 'spending_score' not in customer_columns()) }}
{% endmacro %}
