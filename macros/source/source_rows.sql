{# The rows of a source as the step `source` of a query, counted from 1 in `source_row_number`, in file order where the
   engine keeps one. The caller says which columns they have. #}
{% macro source_rows(source) -%}
    {{ return(adapter.dispatch('source_rows', 'mall_segments')(source, caller())) }}
{%- endmacro %}

{% macro default__source_rows(source, columns) -%}
source as {{ not_materialized() }} (

    select
        row_number() over () as source_row_number,
        {{ columns | trim }}
    from {{ source }}

)
{%- endmacro %}

{# Of Parquet DuckDB knows which row of which file each is, so that all cores read; the rows of anything else it counts
   as it reads them, one after the other. #}
{% macro duckdb__source_rows(source, columns) -%}
{%- set headers = [] -%}
{%- set is_parquet = source.strip().startswith('read_parquet(') -%}
{%- if is_parquet and execute -%}
    {%- for column in get_column_schema_from_query('select * from ' ~ source) -%}
        {%- do headers.append(column.name | lower) -%}
    {%- endfor -%}
{%- endif -%}
{%- if not is_parquet or 'file_index' in headers or 'file_row_number' in headers -%}
{{ return(default__source_rows(source, columns)) }}
{%- endif -%}
source__placed as {{ not_materialized() }} (

    select
        file_index as source__file_index,
        file_row_number as source__place,
        {{ columns | trim }}
    from {{ source }}

),

source__files as (

    select
        file_index as source__file_index,
        cast(sum(count(*)) over (order by file_index) - count(*) as bigint) as rows__before
    from {{ source }}
    group by file_index

),

source as {{ not_materialized() }} (

    select
        source__placed.*,
        rows__before + source__place + 1 as source_row_number
    from source__placed
    inner join source__files on source__placed.source__file_index = source__files.source__file_index

)
{%- endmacro %}

{# Spark reads a source in parts, and its own count of the rows of each begins 2 to the power of 33 after that of the
   part before. #}
{% macro spark__source_rows(source, columns) -%}
source__placed as (

    select
        monotonically_increasing_id() as source__place,
        {{ columns | trim }}
    from {{ source }}

),

source__parts as (

    select
        min(source__place) as first__place,
        sum(count(*)) over (order by min(source__place)) - count(*) as rows__before
    from source__placed
    group by shiftright(source__place, 33)

),

source as {{ not_materialized() }} (

    select
        source__placed.*,
        rows__before + source__place - first__place + 1 as source_row_number
    from source__placed
    inner join source__parts on shiftright(source__place, 33) = shiftright(first__place, 33)

)
{%- endmacro %}
