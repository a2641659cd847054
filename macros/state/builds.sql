{# The table `meta.builds`: which builds began, and which finished. Rows are only ever added, the latest build is the
   one with the highest number, and one that was killed has no row but its first. #}
{% macro builds_table() %}
    {{ return(api.Relation.create(
        database=target.get('database'), schema=mall_segments.schema_name('meta'), identifier='builds', type='table')) }}
{% endmacro %}

{% macro create_builds_table() %}
    {% set builds = mall_segments.builds_table() %}
    {% do adapter.create_schema(builds) %}
    {% do run_query(
        "create table if not exists " ~ builds ~ " (build_number bigint, invocation_id " ~ dbt.type_string()
        ~ ", event " ~ dbt.type_string() ~ ", recorded_at timestamp, detail " ~ dbt.type_string() ~ ")") %}
{% endmacro %}

{# The models that published tables need, as {'needed': [ids], 'training': [ids]}. Training is apart, because the
   selector `score` leaves it out and its result is the models of an earlier build. #}
{% macro models_of_a_build() %}
    {% set ids = [] %}
    {% for id, node in graph.nodes.items() if node.package_name == 'mall_segments' %}
        {% if node.resource_type in ('model', 'snapshot') and node.config.schema in ('marts', 'campaigns', 'reporting')
            or 'training' in node.tags %}
            {% do ids.append(id) %}
        {% endif %}
    {% endfor %}
    {# The list grows while it is walked, until the parents of all are in it. #}
    {% for id in ids %}
        {% for parent in graph.nodes[id].depends_on.nodes if parent in graph.nodes and parent not in ids %}
            {% do ids.append(parent) %}
        {% endfor %}
    {% endfor %}
    {% set models = {'needed': [], 'training': [], 'snapshots': []} %}
    {% for id in ids %}
        {% set node = graph.nodes[id] %}
        {% if node.resource_type == 'snapshot' %}
            {% do models.snapshots.append(id) %}
        {% elif node.resource_type == 'model' and node.config.materialized != 'ephemeral' %}
            {% do models['training' if 'training' in node.tags else 'needed'].append(id) %}
        {% endif %}
    {% endfor %}
    {{ return(models) }}
{% endmacro %}

{# Whether the command makes a table that is published, or one that such a table is made from. #}
{% macro is_build() %}
    {% if not execute or flags.WHICH not in ('build', 'run', 'snapshot', 'retry', 'clone') %}
        {{ return(false) }}
    {% endif %}
    {% set models = mall_segments.models_of_a_build() %}
    {% for id in models.needed + models.training + models.snapshots if id in selected_resources %}
        {{ return(true) }}
    {% endfor %}
    {{ return(false) }}
{% endmacro %}

{# The time, as SQL. In UTC like every time that a build writes down, wherever the machine stands. #}
{% macro utc_now() -%}
    cast('{{ modules.datetime.datetime.now(modules.pytz.utc).strftime("%Y-%m-%d %H:%M:%S.%f") }}' as timestamp)
{%- endmacro %}

{# Before the first table of a build is made: from here on the published tables are unfinished. #}
{% macro record_build_start() %}
    {% if mall_segments.is_build() %}
        {% set builds = mall_segments.builds_table() %}
        {% do mall_segments.create_builds_table() %}
        {% do run_query(
            "insert into " ~ builds ~ " select coalesce(max(build_number), 0) + 1, '" ~ invocation_id
            ~ "', 'started', " ~ mall_segments.utc_now() ~ ", '" ~ flags.WHICH ~ "' from " ~ builds
        ) %}
    {% endif %}
{% endmacro %}

{# After the last table of a build: it finished if every model that published tables need was made by this very
   command. Tests may have failed; they are what the command itself reports. #}
{% macro record_build_end(results) %}
    {% if mall_segments.is_build() %}
        {% set made = [] %}
        {% for result in results if result.status == 'success' %}
            {% do made.append(result.node.unique_id) %}
        {% endfor %}
        {% set missing = [] %}
        {% for id in mall_segments.models_of_a_build().needed if id not in made %}
            {% do missing.append(graph.nodes[id].name) %}
        {% endfor %}
        {% set builds = mall_segments.builds_table() %}
        {% set event = 'unfinished' if missing else 'finished' %}
        {% set what = 'not built: ' ~ (missing | sort)[:3] | join(', ')
            ~ (' and ' ~ (missing | length - 3) ~ ' more' if missing | length > 3 else '') if missing else '' %}
        {% do run_query(
            "insert into " ~ builds ~ " select max(build_number), '" ~ invocation_id ~ "', '" ~ event ~ "', "
            ~ mall_segments.utc_now() ~ ", '" ~ what ~ "' from " ~ builds
            ~ " where invocation_id = '" ~ invocation_id ~ "'") %}
    {% endif %}
{% endmacro %}
