{#- The demo seed, or another project's own staging, leaves nothing to decide. -#}
{%- set is_read = var('customers_file') or var('customers_table') -%}
{%- set columns = source_columns() if is_read else {} -%}
{%- set source = customer_source() if is_read else '(select 1 as nothing where false) as nothing' -%}
{%- set facts = source_facts(var('customers_file')) -%}
{%- set numbers, dates, ids = {}, {}, [] -%}
{%- for name, column in columns.items() if column.is_text -%}
    {%- if name == 'customer_id' -%}
        {%- do ids.append(name) -%}
    {%- elif customer_columns()[name].type == 'number' -%}
        {%- do numbers.update({name: customer_columns()[name]}) -%}
    {%- elif customer_columns()[name].type == 'date' -%}
        {%- do dates.update({name: customer_columns()[name]}) -%}
    {%- endif -%}
{%- endfor -%}
-- The linter sees the demo seed, of which little is left to select.
-- noqa: disable=LT09,ST03
{{ readings(source, facts, columns, numbers, dates, ids, 'customer_columns') }}
