{# Loads a seed, also in a project whose folder has an apostrophe in its path, which dbt-duckdb puts into the statement
   as it is. #}
{% macro duckdb__load_csv_rows(model, agate_table) %}
    {%- set path = adapter.get_seed_file_path(model) -%}
    {%- if "'" not in path -%}
        {{ return(dbt.duckdb__load_csv_rows(model, agate_table)) }}
    {%- endif -%}
    {%- set statement = 'copy ' ~ this ~ ' from ' ~ mall_segments.sql_text(path)
        ~ ' (format csv, header true, delimiter ' ~ mall_segments.sql_text(config.get('delimiter', ',')) ~ ')' -%}
    {%- do adapter.add_query(statement, abridge_sql_log=True) -%}
    {{ return(statement) }}
{% endmacro %}
