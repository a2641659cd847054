{# What `customer_file` says of every row of a CSV file beside its cells: {what: column}. The names are unlike any
   header. #}
{% macro csv_facts() %}
    {{ return({
        'source_file': '__source_file',
        'file_has_semicolons': '__file_has_semicolons',
        'has_more_cells': '__has_more_cells',
        'has_fewer_cells': '__has_fewer_cells',
    }) }}
{% endmacro %}
