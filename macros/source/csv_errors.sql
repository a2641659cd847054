{# The first line that DuckDB's reader cannot read, as [[file, line, what is wrong]]; empty when it can read all. #}
{% macro csv_errors(path) %}
    {# Looking at the files fills the tables of rejects as well, so they are emptied after it. #}
    {% set relation = customer_file(path, ', ignore_errors = true, store_rejects = true') %}
    {% do run_query('drop table if exists reject_errors') %}
    {% do run_query('drop table if exists reject_scans') %}
    {% do run_query('select count(columns(*)) from ' ~ relation) %}
    {{ return(run_query(
        'select scans.file_path, errors.line, cast(errors.error_type as varchar) from reject_errors as errors'
        ~ ' inner join reject_scans as scans using (scan_id, file_id) order by errors.line limit 1'
    )) }}
{% endmacro %}
