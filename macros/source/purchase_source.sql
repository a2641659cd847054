{# What to select purchases from: the var `purchases_file`, else `purchases_table`, as `customer_source` does. #}
{% macro purchase_source(is_loaded=true) -%}
    {%- if is_loaded and loads_csv(var('purchases_file')) -%}
        {{ return(ref('purchase_csv_rows')) }}
    {%- endif -%}
    {%- set source = customer_file(var('purchases_file')) if var('purchases_file') else var('purchases_table') -%}
    {{ '(select * from ' ~ source ~ ' where false)' if flags.EMPTY else source }}
{%- endmacro %}

{# What the purchases' source calls each of our columns: {name: {header, is_text, data_type}}. `source` is what to
   select from, by default what staging selects from. #}
{% macro purchase_source_columns(source=none) %}
    {{ return(matched_columns(source or purchase_source(), purchase_columns(), 'purchase_columns')) }}
{% endmacro %}

{# Every column of the purchases' source, as a list of headers. #}
{% macro purchase_headers() %}
    {% set headers = [] %}
    {% if execute %}
        {% for column in get_column_schema_from_query('select * from ' ~ purchase_source())
            if column.name not in csv_facts().values() %}
            {% do headers.append(column.name) %}
        {% endfor %}
    {% endif %}
    {{ return(headers) }}
{% endmacro %}

{# Columns as texts that differ where the cells differ, missing ones included, as a list in SQL. #}
{% macro cells_as_text(headers) -%}
    {%- for header in headers -%}
        coalesce(cast({{ quoted(header) }} as {{ dbt.type_string() }}), chr(30)){{ ', ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
