{# A CSV or Parquet path or glob as a relation. CSV columns stay text, so no bad value can stop the load. `options`
   are further ones of the engine's CSV reader. #}
{% macro customer_file(path, options='') -%}
    {{ return(adapter.dispatch('customer_file', 'mall_segments')(path, options)) }}
{%- endmacro %}

{# DuckDB's reader guesses at a CSV's header, quotes and comments, and drops or merges rows where it guesses wrong, so
   every choice is made here; `parallel` has to be off for short rows and quoted line breaks in one file. Cells beyond
   the headers get columns of their own, since the reader drops or shifts them otherwise; cells that a row lacks are
   null where empty ones are not. #}
{% macro duckdb__customer_file(path, options) -%}
    {%- set facts = csv_facts() -%}
    {%- set extras = range(1, 9) -%}
    {%- if not execute -%}
        {{ return('') }}
    {%- elif customer_file_format(path) == 'parquet' -%}
        read_parquet({{ sql_text(path) }}, union_by_name = true)
    {%- else -%}
        (
            {% for layout in csv_layouts(path) -%}
            select
                {% for header in layout.headers -%}
                nullif({{ quoted(header) }}, '') as {{ quoted(header) }},
                {% endfor -%}
                {{ facts.source_file }},
                {{ 'true' if layout.delimiter == ';' else 'false' }} as {{ facts.file_has_semicolons }},
                coalesce({% for n in extras %}nullif(__extra_{{ n }}, ''){{ ', ' if not loop.last }}{% endfor %}) is not null
                    as {{ facts.has_more_cells }},
                {{ quoted(layout.headers[-1]) }} is null as {{ facts.has_fewer_cells }}
            from
                read_csv(
                    [{% for file in layout.files %}{{ sql_text(file.path) }}{{ ', ' if not loop.last }}{% endfor %}],
                    auto_detect = false,
                    columns = {
                        {% for header in layout.headers -%}
                        {{ sql_text(header) }}: 'varchar',
                        {% endfor -%}
                        {% for n in extras -%}
                        '__extra_{{ n }}': 'varchar'{{ ',' if not loop.last }}
                        {% endfor %}
                    },
                    header = true,
                    skip = {{ layout.skip }},
                    delim = '{{ layout.delimiter }}',
                    quote = '"',
                    escape = '"',
                    nullstr = '{{ "\x01" }}',
                    filename = '{{ facts.source_file }}',
                    encoding = '{{ layout.encoding }}',
                    strict_mode = false,
                    null_padding = true,
                    parallel = false
                    {{ options }}
                )
            {{ 'union all by name' if not loop.last }}
            {% endfor %}
        )
    {%- endif -%}
{%- endmacro %}

{% macro spark__customer_file(path, options) -%}
    {%- if not execute -%}
        {{ return('') }}
    {%- elif customer_file_format(path) == 'parquet' -%}
        parquet.{{ adapter.quote(path) }}
    {%- else -%}
        {% do exceptions.raise_compiler_error(
            "Spark does not read the file `" ~ path ~ "` as DuckDB would; save it as Parquet, or load it into a table and "
            ~ "name that in the var customers_table or purchases_table.") %}
    {%- endif -%}
{%- endmacro %}

{% macro postgres__customer_file(path, options) -%}
    {%- if execute -%}
        {% do exceptions.raise_compiler_error(
            "PostgreSQL does not read the file `" ~ path ~ "`; load it into a table and name that in the var "
            ~ "customers_table or purchases_table.") %}
    {%- endif -%}
{%- endmacro %}
