{# Makes the state tables that are not there yet, before a build that reads them. One that lacks a column was written by
   another edition. Where it only spares work, the work is done anew; otherwise the run stops, because taking the table
   for empty would forget every segment. #}
{% macro create_state_tables() %}
    {% if not execute or flags.WHICH not in ('build', 'run') or not mall_segments.selects_ours() %}
        {{ return('') }}
    {% endif %}
    {% for source in graph.sources.values()
        if source.package_name == 'mall_segments' and source.source_name == 'state' %}
        {% set columns = state_tables()[source.name] %}
        {% set relation = adapter.get_relation(source.database, source.schema, source.identifier) %}
        {% set found = adapter.get_columns_in_relation(relation) | map(attribute='name') | map('lower') | list
            if relation else [] %}
        {% set missing = columns | reject('in', found) | list %}
        {% if relation and missing and not source.meta.get('spares_work') %}
            {% do exceptions.raise_compiler_error(
                "The table " ~ relation ~ " has no column `" ~ missing[0] ~ "`: another edition of mall_segments wrote "
                ~ "it. Build into a new warehouse, or move the schema " ~ source.schema ~ " away.") %}
        {% elif missing %}
            {% if relation %}
                {% do adapter.drop_relation(relation) %}
            {% endif %}
            {% set relation = api.Relation.create(source.database, source.schema, source.identifier, type='table') %}
            {% do adapter.create_schema(relation) %}
            {% set definitions = [] %}
            {% for name, type in columns.items() %}
                {% do definitions.append(adapter.quote(name) ~ ' ' ~ type) %}
            {% endfor %}
            {% do run_query('create table ' ~ relation ~ ' (' ~ definitions | join(', ') ~ ')') %}
            {% do adapter.cache_added(relation) %}
        {% endif %}
    {% endfor %}
{% endmacro %}
