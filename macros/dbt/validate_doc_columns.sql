{# Comments go to the columns that are there. dbt's own version warns of the others, but the YAML describes the
   mall's columns and your customers may have different ones. #}
{% macro validate_doc_columns(relation, column_dict, existing_column_names) %}
    {% set found = {} %}
    {% for name, column in column_dict.items() if name | lower in existing_column_names | map('lower') %}
        {% do found.update({name: column}) %}
    {% endfor %}
    {{ return(found) }}
{% endmacro %}
