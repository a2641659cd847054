{# How to read the text of a CSV file: {path, encoding, skip, header, is_valid}. `header` is the whole first record,
   with line breaks that quotes hold; `skip` counts lines before it, which is Excel's `sep=;`.

   A file with a line that is not UTF-8 is taken for Windows-1252, of which Latin-1 is the part that DuckDB reads by
   itself: no byte is then invalid, and no row lost. #}
{% macro csv_text(file) %}
    {% do run_query('drop table if exists reject_errors') %}
    {% do run_query('drop table if exists reject_scans') %}
    {% do run_query(
        'select count(line) from '
        ~ csv_lines(file, ', ignore_errors = true, store_rejects = true, rejects_limit = 1000')
    ) %}
    {% set too_long = run_query(
        "select line from reject_errors where error_type = 'LINE SIZE OVER MAXIMUM' order by line"
    ) %}
    {% if too_long | length %}
        {% do exceptions.raise_compiler_error(
            "line " ~ too_long[0][0] ~ " of `" ~ file ~ "` is longer than the 2,000,000 bytes that are read; shorten it, or "
            ~ "save the file as CSV, if it is something else.") %}
    {% endif %}
    {% set invalid = run_query("select count(*) from reject_errors where error_type = 'INVALID ENCODING'")[0][0] %}
    {% set text = {'path': file, 'encoding': 'utf-8', 'skip': 0, 'is_valid': not invalid} %}
    {% if invalid %}
        {% set copy = csv_copy_in_utf8(file) %}
        {% do text.update({'path': copy or file, 'encoding': 'utf-8' if copy else 'latin-1'}) %}
    {% endif %}
    {% set first = run_query(
        'select line from ' ~ csv_lines(text.path, ", encoding = '" ~ text.encoding ~ "'") ~ ' limit 100') %}
    {% set header = [] %}
    {% for row in first
        if not header or header | join | replace('""', '') | list | select('==', '"') | list | length % 2 %}
        {% if loop.first and modules.re.fullmatch('\ufeff?"?sep=."?', row[0] or '') %}
            {% do text.update({'skip': 1}) %}
        {% else %}
            {% do header.append(row[0] or '') %}
        {% endif %}
    {% endfor %}
    {% do text.update({'header': header | join('\n')}) %}
    {{ return(text) }}
{% endmacro %}

{# The lines of a CSV file as a relation with the column `line`, null where a line is empty. `options` are further ones
   of the engine's CSV reader. #}
{% macro csv_lines(path, options='') %}
    read_csv(
        {{ sql_text(path) }},
        auto_detect = false,
        columns = {'line': 'varchar'},
        header = false,
        delim = '{{ "\x01" }}',
        quote = '',
        escape = '',
        strict_mode = false,
        null_padding = true
        {{ options }}
    )
{% endmacro %}
