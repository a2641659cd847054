{# A seed's table is made of its rows at once, in the place of the former one. #}
{% macro pythonspark__create_csv_table(model, agate_table) %}
    {{ return('') }}
{% endmacro %}

{% macro pythonspark__reset_csv_table(model, full_refresh, old_relation, agate_table) %}
    {{ return('') }}
{% endmacro %}

{% macro pythonspark__load_csv_rows(model, agate_table) %}
    {%- set unnamed = unnamed_table() -%}
    {% do adapter.write_seed(unnamed | string, agate_table, model.config.get('column_types', {})) %}
    {% do name_table(unnamed) %}
    {{ return('') }}
{% endmacro %}
