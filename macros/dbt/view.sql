{# How a view is made on DuckDB where this project is the root: as a table there, by one script. #}
{% materialization view, adapter='duckdb' %}
    {% set former, view = load_cached_relation(this), this.incorporate(type='view') %}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {% call statement('main') %}
        {{ 'drop ' ~ former.type ~ ' ' ~ former ~ ';' if former }}
        {{ create_view_as(view, compiled_code) }}
        {{ alter_relation_comment(view, model.description) if model.description and config.persist_relation_docs() }}
    {% endcall %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {% do adapter.commit() %}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [view]}) }}
{% endmaterialization %}
