{{ config(enabled=loads_csv(var('purchases_file'))) }}
{%- set source = purchase_source(is_loaded=false) %}
select
    {% for header in purchase_source_columns(source).values() | map(attribute='header') | unique -%}
    {{ quoted(header) }},
    {% endfor -%}
    {{ row_hash(source) }} as {{ loaded_row_hash() }},
    {{ csv_facts().values() | join(', ') }}
from {{ source }}
