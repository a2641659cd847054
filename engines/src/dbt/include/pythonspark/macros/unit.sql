{# dbt's own materialization of unit tests, but the steps of the model are computed once, as in a build, and what comes out
   as a decimal is compared as a double, which the model's contract makes of it. #}
{% materialization unit, adapter='pythonspark' %}
    {%- set rows = config.get('expected_rows') -%}
    {%- set types, names, typed = {}, {}, [] -%}
    {%- for column in adapter.get_column_schema_from_query(sql) -%}
        {%- do types.update({column.name | lower: column.data_type}) -%}
        {%- do names.update({column.name | lower: column.quoted}) -%}
        {%- do typed.append('cast(' ~ column.quoted ~ ' as ' ~ column.data_type ~ ') as ' ~ column.quoted) -%}
    {%- endfor -%}
    {%- set tested = [] -%}
    {%- for name in (rows[0] if rows else names) -%}
        {%- do tested.append(names[name | lower]) -%}
    {%- endfor -%}
    {%- set expected = config.get('expected_sql') or get_expected_sql(rows, types, names) -%}
    {%- set actual = 'select ' ~ typed | join(', ') ~ ' from ' ~ adapter.view_query(sql) -%}
    {% call statement('main', fetch_result=True) -%}
        {{ get_unit_test_sql(actual, expected, tested) }}
    {%- endcall %}
    {% do adapter.forget_queries() %}
    {{ return({'relations': []}) }}
{% endmaterialization %}
