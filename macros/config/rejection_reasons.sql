{# Why staging rejects a source row, in the order in which the reasons are looked for. #}
{% macro rejection_reasons() %}
    {{ return(['missing customer_id', 'duplicate row', 'duplicate customer_id', 'no usable feature']) }}
{% endmacro %}
