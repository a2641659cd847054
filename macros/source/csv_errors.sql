{# The first line of CSV files that DuckDB's reader cannot read, as [[file, line, what is wrong]]; empty when it can
   read all, as it can those that `csv_layouts` calls regular. #}
{% macro csv_errors(layouts) %}
    {% set doubtful = layouts | rejectattr('is_regular') | list %}
    {% if not doubtful %}
        {{ return([]) }}
    {% endif %}
    {# Looking at the files filled the tables of rejects as well. #}
    {% do run_query('drop table if exists reject_errors') %}
    {% do run_query('drop table if exists reject_scans') %}
    {% do run_query('select count(columns(*)) from '
        ~ csv_relation(doubtful, ', ignore_errors = true, store_rejects = true')) %}
    {{ return(run_query(
        'select scans.file_path, errors.line, cast(errors.error_type as varchar) from reject_errors as errors'
        ~ ' inner join reject_scans as scans using (scan_id, file_id) order by errors.line limit 1'
    )) }}
{% endmacro %}
