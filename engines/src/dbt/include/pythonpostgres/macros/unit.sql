{# dbt's own materialization of unit tests but for two things. The name of a test may be longer than one of a table may.
   And what comes out as a numeric is compared as a double, which the model's contract makes of it. #}
{% materialization unit, adapter='pythonpostgres' %}
    {%- set rows = config.get('expected_rows') -%}
    {%- set table = make_temp_relation(this.incorporate(path={'identifier': this.identifier[:30]}).incorporate(type='table')) -%}
    {% do run_query(get_create_table_as_sql(True, table, get_empty_subquery_sql(sql))) %}
    {%- set types, names, doubles = {}, {}, [] -%}
    {%- for column in adapter.get_columns_in_relation(table) -%}
        {%- set is_numeric = column.is_numeric() -%}
        {%- do types.update({column.name | lower: 'double precision' if is_numeric else column.data_type}) -%}
        {%- do names.update({column.name | lower: column.quoted}) -%}
        {%- do doubles.append(
            'cast(' ~ column.quoted ~ ' as double precision) as ' ~ column.quoted if is_numeric else column.quoted) -%}
    {%- endfor -%}
    {%- set tested = [] -%}
    {%- for name in (rows[0] if rows else names) -%}
        {%- do tested.append(names[name | lower]) -%}
    {%- endfor -%}
    {%- set expected = config.get('expected_sql') or get_expected_sql(rows, types, names) -%}
    {%- set actual = 'select ' ~ doubles | join(', ') ~ ' from (' ~ sql ~ ') as answer' -%}
    {% call statement('main', fetch_result=True) -%}
        {{ get_unit_test_sql(actual, expected, tested) }}
    {%- endcall %}
    {% do adapter.drop_relation(table) %}
    {{ return({'relations': []}) }}
{% endmaterialization %}
