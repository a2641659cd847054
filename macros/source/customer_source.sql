{# What to select customers from: the var `customers_file`, else `customers_table`, else the mall seed; nobody where
   customers come from their purchases alone. A CSV file is read from the table it was loaded into, or as it is where
   `is_loaded` says that it was not yet. dbt empties only refs under `--empty`, so the others are emptied here. #}
{% macro customer_source(is_loaded=true) -%}
    {%- if has_purchases_only() -%}
        (select cast(null as {{ dbt.type_string() }}) as customer_id where false) as nobody
    {%- elif not var('customers_file') and not var('customers_table') -%}
        {{ ref('mall_customers') }}
    {%- elif is_loaded and loads_csv(var('customers_file')) -%}
        {{ ref('customer_csv_rows') }}
    {%- else -%}
        {%- set source = customer_file(var('customers_file')) if var('customers_file') else var('customers_table') -%}
        {{ '(select * from ' ~ source ~ ' where false)' if flags.EMPTY else source }}
    {%- endif -%}
{%- endmacro %}

{# Whether the rows of a file are loaded into a table before anything reads them, as those of CSV are on DuckDB: once,
   by all cores where the file allows that. #}
{% macro loads_csv(path) %}
    {% set is_csv = modules.re.search('[.](csv|tsv|txt)([.](gz|zst))?$', (path or '') | lower) is not none %}
    {{ return(target.type == 'duckdb' and is_csv) }}
{% endmacro %}
