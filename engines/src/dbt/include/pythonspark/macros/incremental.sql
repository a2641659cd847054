{# Appends to a table, which is made as any other where there is none yet. #}
{% materialization incremental, adapter='pythonspark' %}
    {%- set former = load_cached_relation(this) -%}
    {%- if config.get('incremental_strategy') not in (none, 'append') -%}
        {% do exceptions.raise_compiler_error(
            'The incremental strategy `' ~ config.get('incremental_strategy') ~ '` needs tables that can be changed; use append.') %}
    {%- endif -%}
    {{ run_hooks(pre_hooks) }}
    {% if former and former.is_table and not should_full_refresh() %}
        {%- set table = former -%}
        {% call noop_statement('main', 'OK') %}{{ compiled_code }}{% endcall %}
        {% do adapter.append_query(table | string, compiled_code, config.get('on_schema_change') == 'append_new_columns') %}
    {% else %}
        {%- set unnamed = unnamed_table() -%}
        {% do make_table(unnamed, compiled_code) %}
        {%- set table = name_table(unnamed) -%}
    {% endif %}
    {{ run_hooks(post_hooks) }}
    {{ return({'relations': [table]}) }}
{% endmaterialization %}
