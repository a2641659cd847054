{# What to select customers from: the var `customers_file`, else `customers_table`, else the mall seed. #}
{% macro customer_source() -%}
    {%- if var('customers_file') or var('customers_table') -%}
        {%- set source = customer_file(var('customers_file')) if var('customers_file') else var('customers_table') -%}
        {#- `--empty` limits refs only. -#}
        {{ '(select * from ' ~ source ~ ' where false)' if flags.EMPTY else source }}
    {%- else -%}
        {{ ref('mall_customers') }}
    {%- endif -%}
{%- endmacro %}
