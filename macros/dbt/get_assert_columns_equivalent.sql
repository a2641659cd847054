{# Asked by dbt before it makes a table with a contract. Where the query has the columns and types of the YAML nothing
   more need be asked; otherwise the comparison of dbt itself finds out, and says what differs. It asks DuckDB for the
   types of the contract too and calls three macros per column: a tenth of the time of a build of small tables. #}
{% macro duckdb__get_assert_columns_equivalent(sql) %}
    {% set promised, found = [], [] %}
    {% for column in model.columns.values() %}
        {% set type = column.data_type | upper %}
        {% do promised.append((column.name, 'VARCHAR' if type == 'TEXT' else type)) %}
    {% endfor %}
    {% for column in get_column_schema_from_query(sql, config.get('sql_header')) %}
        {% do found.append((column.name, column.dtype)) %}
    {% endfor %}
    {% if promised | sort != found | sort %}
        {{ assert_columns_equivalent(sql) }}
    {% endif %}
{% endmacro %}
