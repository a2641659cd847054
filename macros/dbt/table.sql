{# How a table is made on DuckDB where this project is the root: as dbt's own `table` makes it, but by one script in
   place of a dozen statements, each of which costs dbt more than DuckDB. The new table takes the name once it is whole
   and in the same transaction, so that a build that fails leaves the former one. Within another project dbt takes its
   own materialization, which makes the same tables. #}
{% materialization table, adapter='duckdb', supported_languages=['sql', 'python'] %}
    {% set former, table = load_cached_relation(this), this.incorporate(type='table') %}
    {% set unnamed = make_intermediate_relation(table) %}
    {% set naming %}
        {{ 'drop ' ~ former.type ~ ' ' ~ former ~ ';' if former }}
        alter table {{ unnamed }} rename to {{ adapter.quote(table.identifier) }};
        {{ alter_relation_comment(table, model.description) if model.description and config.persist_relation_docs() }}
    {% endset %}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {% if model.language == 'python' %}
        {% do adapter.drop_relation(unnamed) %}
        {% call statement('main', language='python') %}
            {{- create_table_as(False, unnamed, compiled_code, 'python') }}
        {% endcall %}
        {% call statement('naming') %}{{ naming }}{% endcall %}
    {% else %}
        {% call statement('main') %}
            drop table if exists {{ unnamed }};
            {{ create_table_as(False, unnamed, compiled_code) }}
            {{ naming }}
        {% endcall %}
    {% endif %}
    {% do create_indexes(table) %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {% do adapter.commit() %}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [table]}) }}
{% endmaterialization %}
