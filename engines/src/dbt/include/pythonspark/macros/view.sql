{# A view is stored as its text, which the metastore may hold up to 32,700 characters of: what is longer becomes a table. #}
{% materialization view, adapter='pythonspark' %}
    {%- if compiled_code | length < 32000 -%}
        {{ return(create_or_replace_view()) }}
    {%- endif -%}
    {{ run_hooks(pre_hooks) }}
    {%- set unnamed = unnamed_table() -%}
    {% do make_table(unnamed, compiled_code) %}
    {%- set table = name_table(unnamed) -%}
    {{ run_hooks(post_hooks) }}
    {{ return({'relations': [table]}) }}
{% endmaterialization %}
