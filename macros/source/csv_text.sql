{# The encoding and the first line of a CSV file. A file with a line that is not UTF-8 is taken for Latin-1: no
   byte is then invalid, and no row lost. #}
{% macro csv_text(file) %}
    {% set lines %}
        read_csv(
            {{ sql_text(file) }},
            auto_detect = false,
            columns = {'line': 'varchar'},
            header = false,
            delim = '{{ "\x01" }}',
            quote = '',
            escape = '',
            strict_mode = false,
            null_padding = true
    {% endset %}
    {% do run_query('drop table if exists reject_errors') %}
    {% do run_query('drop table if exists reject_scans') %}
    {% do run_query(
        'select count(line) from ' ~ lines ~ ', ignore_errors = true, store_rejects = true, rejects_limit = 1)'
    ) %}
    {% set invalid = run_query("select count(*) from reject_errors where error_type = 'INVALID ENCODING'")[0][0] %}
    {% set encoding = 'latin-1' if invalid else 'utf-8' %}
    {% set first = run_query('select line from ' ~ lines ~ ", encoding = '" ~ encoding ~ "') limit 1") %}
    {{ return({'encoding': encoding, 'header': (first[0][0] if first | length else none) or ''}) }}
{% endmacro %}
