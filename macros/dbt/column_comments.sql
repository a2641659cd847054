{# At the end of a command, writes the descriptions in YAML as comments on the columns of all tables that it made: once,
   because a statement for each table costs dbt more than most tables. Its own `persist_docs` warns of each described
   column that is not there, but the YAML describes the mall's columns and your customers may have different ones. #}
{% macro column_comments(results) %}
    {% set made = [] %}
    {% for result in results if result.status == 'success' and result.node.resource_type == 'model'
        and result.node.package_name == 'mall_segments' %}
        {% do made.append(result.node) %}
    {% endfor %}
    {{ return(adapter.dispatch('column_comments', 'mall_segments')(made) if made else '') }}
{% endmacro %}

{% macro default__column_comments(nodes) %}
    {% set columns %}
        select lower(table_schema) as table_schema, lower(table_name) as table_name, column_name
        from information_schema.columns
        where table_catalog = {{ mall_segments.sql_text(target.database) }}
    {% endset %}
    {% set found = {} %}
    {% for schema, table, column in run_query(columns).rows %}
        {% do found.setdefault((schema, table), {}).update({column | lower: column}) %}
    {% endfor %}
    begin;
    {% for node in nodes %}
        {% set columns = found.get((node.schema | lower, node.alias | lower), {}) %}
        {% for name, column in node.columns.items() if name | lower in columns %}
            comment on column {{ node.relation_name }}.{{ mall_segments.quoted(columns[name | lower]) }}
            is {{ mall_segments.sql_text(column.description) }};
        {% endfor %}
    {% endfor %}
    commit;
{% endmacro %}

{# Spark's tables bring the comments with them. #}
{% macro spark__column_comments(nodes) %}
{% endmacro %}
