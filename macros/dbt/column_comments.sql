{# A post-hook that writes the YAML's descriptions as comments. dbt's own `persist_docs` warns of each described column
   that is not there, but the YAML describes the mall's columns and your customers may have different ones. #}
{% macro column_comments() %}
    {{ return(adapter.dispatch('column_comments', 'mall_segments')() if execute else '') }}
{% endmacro %}

{% macro default__column_comments() %}
    {{ return(alter_column_comment(this, model.columns)) }}
{% endmacro %}

{# A table with a contract has the columns of the YAML and no others, so that nobody need be asked. #}
{% macro duckdb__column_comments() %}
    {% if not config.get('contract').enforced %}
        {{ return(default__column_comments()) }}
    {% endif %}
    {% for name, column in model.columns.items() %}
    comment on column {{ this }}.{{ adapter.quote(name) }} is {{ duckdb_escape_comment(column.description) }};
    {% endfor %}
{% endmacro %}
