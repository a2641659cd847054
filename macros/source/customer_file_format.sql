{# 'csv' or 'parquet', by the ending of a path, compressed or not; anything else stops the run. #}
{% macro customer_file_format(path, var_name='customers_file') -%}
    {%- set ending = modules.re.sub('[.](gz|zst)$', '', path | lower) -%}
    {%- if modules.re.search('[.](parquet|parq|pq)$', ending) -%}
        {{ return('parquet') }}
    {%- elif modules.re.search('[.](csv|tsv|txt)$', ending) -%}
        {{ return('csv') }}
    {%- endif -%}
    {% do exceptions.raise_compiler_error(
        "var " ~ var_name ~ ": `" ~ path ~ "` ends in neither .csv, .tsv, .txt (also .gz or .zst) nor .parquet; save the "
        ~ ("customers" if var_name == 'customers_file' else "purchases") ~ " as CSV or Parquet, or end a glob with the ending, as in `folder/*.csv`.") %}
{%- endmacro %}
