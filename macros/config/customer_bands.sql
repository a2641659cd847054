{# The band columns that the customer columns allow. #}
{% macro customer_bands() %}
    {% set names = [] %}
    {% for band, feature in banded_columns().items() if feature in customer_columns() %}
        {% do names.append(band) %}
    {% endfor %}
    {{ return(names) }}
{% endmacro %}
