{# Stops a run before it reads campaigns or outcomes from a table that is not there or lacks a column. #}
{% macro check_campaign_tables(selected) %}
    {% set read_by = {
        'campaigns_table': ['campaign_terms', 'campaign', 'segmentation', 'segments', 'action', 'starts_on', 'ends_on',
            'holdout_share', 'priority', 'budget', 'cost_per_contact', 'is_approved', 'is_simulated'],
        'campaign_outcomes_table': ['campaign_observations', 'campaign', 'customer_id', 'retained', 'revenue_before',
            'revenue_during', 'observed_on'],
    } %}
    {% for name, needed in read_by.items()
        if var(name) and 'model.mall_segments.' ~ needed[0] in selected and flags.WHICH in ('build', 'run') %}
        {% do check_source_table(var(name), name) %}
        {% set headers = [] %}
        {% for column in get_column_schema_from_query('select * from ' ~ var(name)) %}
            {% do headers.append(column.name | lower) %}
        {% endfor %}
        {% for column in needed[1:] if column not in headers %}
            {% do exceptions.raise_compiler_error(
                "var " ~ name ~ ": the table `" ~ var(name) ~ "` has no column `" ~ column ~ "`; it needs "
                ~ needed[1:] | join(', ') ~ ".") %}
        {% endfor %}
    {% endfor %}
{% endmacro %}
