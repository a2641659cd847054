{# A CSV or Parquet path or glob as a relation. CSV columns stay text, so no bad value can stop the load. #}
{% macro customer_file(path) -%}
    {{ return(adapter.dispatch('customer_file')(path)) }}
{%- endmacro %}

{% macro duckdb__customer_file(path) -%}
    {%- if '.parquet' in path -%}
        read_parquet('{{ path | replace("'", "''") }}', union_by_name = true)
    {%- else -%}
        read_csv('{{ path | replace("'", "''") }}', all_varchar = true, union_by_name = true)
    {%- endif -%}
{%- endmacro %}

{% macro spark__customer_file(path) -%}
    {%- if '.parquet' in path -%} parquet.`{{ path }}` {%- else -%} csv.`{{ path }}` {%- endif -%}
{%- endmacro %}
