{# Where a customer's salted hash lies for the arms of a campaign, in [0, 1); another salt decides who is in at all. #}
{% macro arm_fraction(campaign, customer_id) -%}
    {{ hash_fraction("'arm ' || " ~ campaign ~ " || ' ' || " ~ customer_id) }}
{%- endmacro %}
