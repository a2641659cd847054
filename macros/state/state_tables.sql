{# The tables that outlive a build and that other models read through `source('state', ...)`: {name: {column: type}}. #}
{% macro state_tables() %}
    {% set text = dbt.type_string() %}
    {{ return({
        'campaign_assignments': {
            'campaign': text, 'customer_id': text, 'segmentation': text, 'segment_id': 'integer', 'arm': text,
            'hash_fraction': 'double', 'holdout_share': 'double', 'drawn_among': 'bigint', 'assigned_on': 'date',
            'invocation_id': text, 'assignment_hash': text,
        },
    }) }}
{% endmacro %}
