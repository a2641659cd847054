{# As in dbt-spark, but a table that is not finished or breaks its contract replaces no other; and a Python model runs in
   dbt's own process. dbt lets a materialization alone start one. #}
{% materialization table, adapter='pythonspark', supported_languages=['sql', 'python'] %}
    {%- set unnamed = unnamed_table() -%}
    {{ run_hooks(pre_hooks) }}
    {% if model.language == 'python' %}
        {% call statement('main', language='python') -%}
            {{ compiled_code }}
target_table = {{ unnamed | string | tojson }}
        {%- endcall %}
    {% else %}
        {% do make_table(unnamed, compiled_code) %}
    {% endif %}
    {%- set table = name_table(unnamed) -%}
    {{ run_hooks(post_hooks) }}
    {{ return({'relations': [table]}) }}
{% endmaterialization %}

{# The name that a table has until it is finished; what a killed build left there is gone. #}
{% macro unnamed_table() %}
    {%- set unnamed = this.incorporate(path={'identifier': this.identifier ~ '__dbt_tmp'}, type='table') -%}
    {% do adapter.drop_relation(unnamed) %}
    {% do adapter.clear_folder(unnamed) %}
    {{ return(unnamed) }}
{% endmacro %}

{# Makes the table of a query, and holds it to its contract. #}
{% macro make_table(unnamed, query) %}
    {% if config.get('contract').enforced %}
        {% do get_assert_columns_equivalent(query) %}
    {% endif %}
    {% call noop_statement('main', 'OK') %}{{ query }}{% endcall %}
    {% do adapter.write_query(unnamed | string, query, model) %}
    {% if config.get('contract').enforced %}
        {% do adapter.hold_constraints(unnamed, model) %}
    {% endif %}
{% endmacro %}

{# Gives a finished table its name, where the former one is dropped. #}
{% macro name_table(unnamed) %}
    {%- set former, table = load_cached_relation(this), this.incorporate(type='table') -%}
    {% if former %}
        {% do adapter.drop_relation(former) %}
    {% endif %}
    {% do adapter.clear_folder(table) %}
    {% do adapter.rename_relation(unnamed, table) %}
    {% do apply_grants(table, config.get('grants'), should_revoke(former, full_refresh_mode=True)) %}
    {% do persist_docs(table, model) %}
    {{ return(table) }}
{% endmacro %}
