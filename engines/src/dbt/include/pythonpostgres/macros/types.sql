{# A contract may name types as DuckDB and Spark do. #}
{% macro pythonpostgres__get_empty_schema_sql(columns) %}
    {%- set translated = {} -%}
    {%- for name, column in columns.items() -%}
        {%- do translated.update({
            name: dict(column, data_type=api.Column.translate_type(column.data_type)) if column.data_type else column
        }) -%}
    {%- endfor -%}
    {{ return(default__get_empty_schema_sql(translated)) }}
{% endmacro %}

{# And so may the columns of a seed. #}
{% macro pythonpostgres__create_csv_table(model, agate_table) %}
    {%- set translated = {} -%}
    {%- for name, type in model.config.get('column_types', {}).items() -%}
        {%- do translated.update({name: api.Column.translate_type(type)}) -%}
    {%- endfor -%}
    {{ return(default__create_csv_table(dict(model, config=dict(model.config, column_types=translated)), agate_table)) }}
{% endmacro %}
