{# Whether the customers are those of the seed. What is simulated about them says nothing of anyone else. #}
{% macro are_demo_customers() %}
    {% set has_seed = not execute or 'seed.mall_segments.mall_customers' in graph.nodes %}
    {{ return(has_seed and not var('customers_file') and not var('customers_table') and not has_purchases()) }}
{% endmacro %}
