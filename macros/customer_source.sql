{# What to select customers from: the var `customers_file`, else `customers_table`, else the mall seed. #}
{% macro customer_source() -%}
    {%- if var('customers_file') -%}
        {{ customer_file(var('customers_file')) }}
    {%- elif var('customers_table') -%}
        {{ var('customers_table') }}
    {%- else -%}
        {{ ref('mall_customers') }}
    {%- endif -%}
{%- endmacro %}
