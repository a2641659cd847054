{{ config(enabled=loads_csv(var('customers_file'))) }}
{%- set source = customer_source(is_loaded=false) %}
select
    {% for header in source_columns(source).values() | map(attribute='header') | unique -%}
    {{ quoted(header) }},
    {% endfor -%}
    {{ csv_facts().values() | join(', ') }}
from {{ source }}
