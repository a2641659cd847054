{# The rows of a source as the step `source` of a query, counted from 1 in `source_row_number`, in file order where the
   engine keeps one. `file` is the path that the source is read from, if any. The caller says which columns they have. #}
{% macro source_rows(source, file) -%}
    {{ return(adapter.dispatch('source_rows', 'mall_segments')(source, file, caller())) }}
{%- endmacro %}

{% macro default__source_rows(source, file, columns) -%}
source as {{ not_materialized() }} (

    select
        row_number() over () as source_row_number,
        {{ columns | trim }}
    from {{ source }}

)
{%- endmacro %}

{# Of Parquet DuckDB knows which row of which file each is, and of a CSV file the table it was loaded into, so that all
   cores read; the rows of anything else it counts as it reads them, one after the other. #}
{% macro duckdb__source_rows(source, file, columns) -%}
{%- set headers = [] -%}
{%- set has_places = file and not flags.EMPTY -%}
{%- if has_places and execute -%}
    {%- for column in get_column_schema_from_query('select * from ' ~ source) -%}
        {%- do headers.append(column.name | lower) -%}
    {%- endfor -%}
{%- endif -%}
{%- set place_names = ['rowid'] if loads_csv(file) else ['file_index', 'file_row_number'] -%}
{%- if not has_places or headers | select('in', place_names) | list -%}
{{ return(default__source_rows(source, file, columns)) }}
{%- elif loads_csv(file) -%}
source as {{ not_materialized() }} (

    select
        rowid + 1 as source_row_number,
        {{ columns | trim }}
    from {{ source }}

)
{%- else -%}
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
{%- endif %}
{%- endmacro %}

{# Spark reads a source in parts, and its own count of the rows of each begins 2 to the power of 33 after that of the
   part before. #}
{% macro spark__source_rows(source, file, columns) -%}
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
