{# A post-hook that writes the YAML's descriptions as comments. dbt's own `persist_docs` warns of each described column
   that is not there, but the YAML describes the mall's columns and your customers may have different ones. #}
{% macro column_comments() %}
    {{ return(alter_column_comment(this, model.columns) if execute else '') }}
{% endmacro %}
