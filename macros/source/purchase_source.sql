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
    {{ return(matched_columns(
        purchase_source() if source is none else source, purchase_columns(), 'purchase_columns')) }}
{% endmacro %}

{# A number that rows of a source share which are equal in every column, named or not, missing cells included. #}
{% macro row_hash(source) -%}
    {%- set cells = [] -%}
    {%- if execute -%}
        {%- for column in get_column_schema_from_query('select * from ' ~ source)
            if column.name not in csv_facts().values() -%}
            {%- do cells.append('coalesce(cast(' ~ quoted(column.name) ~ ' as ' ~ dbt.type_string() ~ '), chr(30))') -%}
        {%- endfor -%}
    {%- endif -%}
    {{ text_hash('concat_ws(chr(31), ' ~ (cells or ["''"]) | join(', ') ~ ')') }}
{%- endmacro %}

{# What `row_hash` is called where a CSV file was loaded, whose other columns are left in the file. #}
{% macro loaded_row_hash() -%}
    __row_hash
{%- endmacro %}
