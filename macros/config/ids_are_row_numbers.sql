{# Whether customers have no id of their own but the number of their row, as `customer_id: {row_number: true}` asks
   for. Such an id means somebody else once rows come and go, so nothing may follow it from build to build. #}
{% macro ids_are_row_numbers() %}
    {% set declared = settings('customer_columns').get('customer_id') %}
    {{ return(not has_purchases_only() and declared is mapping and declared.get('row_number') == true) }}
{% endmacro %}
