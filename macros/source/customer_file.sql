{# A CSV or Parquet path or glob as a relation. CSV columns stay text, so no bad value can stop the load. `options`
   are further ones of the engine's CSV reader. #}
{% macro customer_file(path, options='') -%}
    {{ return(adapter.dispatch('customer_file', 'mall_segments')(path, options)) }}
{%- endmacro %}

{# DuckDB's reader guesses at a CSV's header, quotes and comments, and drops or merges rows where it guesses wrong.
   It is told instead; `parallel` has to be off for short rows and quoted line breaks in one file. #}
{% macro duckdb__customer_file(path, options) -%}
    {%- if not execute -%}
        {{ return('') }}
    {%- elif customer_file_format(path) == 'parquet' -%}
        read_parquet({{ sql_text(path) }}, union_by_name = true)
    {%- else -%}
        (
            {% for layout in csv_layouts(path) -%}
            select *
            from
                read_csv(
                    [{% for file in layout.files %}{{ sql_text(file) }}{{ ', ' if not loop.last }}{% endfor %}],
                    auto_detect = false,
                    columns = {
                        {% for header in layout.headers -%}
                        {{ sql_text(header) }}: 'varchar'{{ ',' if not loop.last }}
                        {% endfor %}
                    },
                    header = true,
                    delim = '{{ layout.delimiter }}',
                    quote = '"',
                    escape = '"',
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
    {%- if '.parquet' in path -%} parquet.`{{ path }}` {%- else -%} csv.`{{ path }}` {%- endif -%}
{%- endmacro %}
