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
                '{{ column.header | replace("'", "\\'") }}', cast({{ name }}__source as string){{ ',' if not loop.last }}
            {% endfor %}
        ),
        map('ignoreNullFields', 'false')
    )
{%- endmacro %}
