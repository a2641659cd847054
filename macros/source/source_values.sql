{# The mapped values of a source row as one JSON text, keyed by the source's own headers. #}
{% macro source_values(columns) -%}
    {{ return(adapter.dispatch('source_values', 'mall_segments')(columns)) }}
{%- endmacro %}

{% macro default__source_values(columns) -%}
    cast(
        json_object(
            {% for name, column in columns.items() -%}
                '{{ column.header | replace("'", "''") }}',
                cast({{ name }}__source as {{ dbt.type_string() }}){{ ',' if not loop.last }}
            {% endfor %}
        ) as {{ dbt.type_string() }}
    )
{%- endmacro %}

{% macro spark__source_values(columns) -%}
    to_json(
        named_struct(
            {% for name, column in columns.items() -%}
                {{ sql_text(column.header) }}, {{ as_text(name ~ '__source') }}{{ ',' if not loop.last }}
            {% endfor %}
        ),
        map('ignoreNullFields', 'false')
    )
{%- endmacro %}

{# A row's own JSON has no space after a colon, as DuckDB and Spark write it. #}
{% macro postgres__source_values(columns) -%}
    (
        select cast(row_to_json(own) as text)
        from (
            select
                {% for name, column in columns.items() -%}
                cast({{ name }}__source as text) as {{ quoted(column.header) }}{{ ',' if not loop.last }}
                {% endfor %}
        ) as own
    )
{%- endmacro %}
