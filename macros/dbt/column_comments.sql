{# A post-hook that writes the YAML's descriptions as comments. dbt's own `persist_docs` warns of each described column
   that is not there, but the YAML describes the mall's columns and your customers may have different ones. #}
{% macro column_comments() %}
    {% if not execute %}
        {{ return('') }}
    {% endif %}
    {% set existing = adapter.get_columns_in_relation(this) | map(attribute='name') | map('lower') | list %}
    {% set described = {} %}
    {% for name, column in model.columns.items() if name | lower in existing %}
        {% do described.update({name: column}) %}
    {% endfor %}
    {{ return(alter_column_comment(this, described) if described else '') }}
{% endmacro %}
