{# What to select customers from: the var `customers_file`, else `customers_table`, else the mall seed; nobody where
   customers come from their purchases alone. dbt empties only refs under `--empty`, so the other two are emptied here. #}
{% macro customer_source() -%}
    {%- if has_purchases_only() -%}
        (select cast(null as {{ dbt.type_string() }}) as customer_id where false) as nobody
    {%- elif not var('customers_file') and not var('customers_table') -%}
        {{ ref('mall_customers') }}
    {%- else -%}
        {%- set source = customer_file(var('customers_file')) if var('customers_file') else var('customers_table') -%}
        {{ '(select * from ' ~ source ~ ' where false)' if flags.EMPTY else source }}
    {%- endif -%}
{%- endmacro %}
