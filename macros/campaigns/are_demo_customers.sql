{# Whether the customers are those of the seed. What is simulated about them says nothing of anyone else. #}
{% macro are_demo_customers() %}
    {{ return(not var('customers_file') and not var('customers_table')) }}
{% endmacro %}
