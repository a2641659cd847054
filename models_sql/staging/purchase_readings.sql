{{ config(enabled=has_purchases()) }}
{%- set columns = purchase_source_columns() -%}
{%- set numbers, dates, ids = {}, {}, [] -%}
{%- for name, column in purchase_columns().items() if columns.get(name, {}).is_text -%}
    {%- if column.type == 'number' -%}
        {%- do numbers.update({name: column}) -%}
    {%- elif column.type == 'date' -%}
        {%- do dates.update({name: column}) -%}
    {%- elif column.type == 'id' -%}
        {%- do ids.append(name) -%}
    {%- endif -%}
{%- endfor -%}
{{ readings(
    purchase_source(), source_facts(var('purchases_file')), columns, numbers, dates, ids, 'purchase_columns'
) }}
