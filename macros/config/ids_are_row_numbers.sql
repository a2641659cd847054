{# Whether customers have no id of their own but the number of their row, as `customer_id: {row_number: true}` asks
   for. Such an id means somebody else once rows come and go, so nothing may follow it from build to build. #}
{% macro ids_are_row_numbers() %}
    {% set declared = var('customer_columns').get('customer_id') or {} %}
    {{ return(not has_purchases_only() and declared.get('row_number') == true) }}
{% endmacro %}
