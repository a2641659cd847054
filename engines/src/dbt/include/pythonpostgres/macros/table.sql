{# dbt's own materialization, with a branch for Python: the table is made under another name and takes its own, with
   what hooks do to it, in one transaction. Its rows are counted for the planner at once: PostgreSQL's own process comes
   later, and never to a table of few rows, which is taken for one of hundreds. #}
{% materialization table, adapter='pythonpostgres', supported_languages=['sql', 'python'] %}
    {%- set former = load_cached_relation(this) -%}
    {%- set table = this.incorporate(type='table') -%}
    {%- set unnamed = make_intermediate_relation(table) -%}
    {%- set backup = make_backup_relation(table, former.type if former else 'table') -%}
    {{ drop_relation_if_exists(load_cached_relation(unnamed)) }}
    {{ drop_relation_if_exists(load_cached_relation(backup)) }}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {% if model.language == 'python' %}
        {% call statement('main', language='python') -%}
            {{ compiled_code }}
target_table = {{ unnamed | string | tojson }}
        {%- endcall %}
    {% else %}
        {% call statement('main') -%}
            {{ get_create_table_as_sql(False, unnamed, compiled_code) }}
        {%- endcall %}
    {% endif %}
    {% do create_indexes(unnamed) %}
    {% do run_query('analyze ' ~ unnamed) %}
    {% if former %}
        {% do adapter.rename_relation(former, backup) %}
    {% endif %}
    {% do adapter.rename_relation(unnamed, table) %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {% do apply_grants(table, config.get('grants'), should_revoke=should_revoke(former, full_refresh_mode=True)) %}
    {% do persist_docs(table, model) %}
    {% do adapter.commit() %}

    {{ drop_relation_if_exists(backup) }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [table]}) }}
{% endmaterialization %}
