{# DuckDB's functions are macros. One that selects more than a value becomes a table macro, so that
   `select * from marts.classify_customer(15, 39)` works. Its arguments are the features of the first
   segmentation, whatever the project's vars name. #}
{% macro duckdb__scalar_function_sql(target_relation) %}
    create or replace macro {{ target_relation.include(database=false) }}(
        {{ (var('segmentations').values() | list)[0].features | join(', ') }}
    ) as table (
        {{ model.compiled_code }}
    )
{% endmacro %}
