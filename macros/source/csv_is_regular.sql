{# Whether every line of a CSV file is a row with a cell for each header, so that all cores can read it. Where a cell
   holds a line break or a row lacks cells they cannot, and cells beyond the headers they would drop. Rows are counted
   as they will be read, lest one is lost where the part of a core ends. A compressed file is read by one core anyway. #}
{% macro csv_is_regular(path, layout) %}
    {% if modules.re.search('[.](gz|zst)$', path | lower) %}
        {{ return(false) }}
    {% endif %}
    {% set quoted_cell = '"(?:[^"]|"")*"' %}
    {% set cell = '(?:' ~ quoted_cell ~ '|[^"' ~ layout.delimiter ~ ']*)' %}
    {% set cells = "length({0}) - length(replace({0}, '" ~ layout.delimiter ~ "', '')) + 1" %}
    {% set counted %}
        select
            count(line) as lines,
            count(*) filter (
                case
                    when not contains(line, '"') then {{ cells.format('line') }} != {{ layout.headers | length }}
                    else
                        not regexp_full_match(line, '{{ cell }}(?:[{{ layout.delimiter }}]{{ cell }})*')
                        or {{ cells.format("regexp_replace(line, '" ~ quoted_cell ~ "', '', 'g')") }}
                        != {{ layout.headers | length }}
                end
            ) as irregular_lines
        from {{ csv_lines(path) }}
    {% endset %}
    {% set lines, irregular_lines = run_query(counted)[0] %}
    {% if irregular_lines %}
        {{ return(false) }}
    {% endif %}
    {% set read = csv_cells([path], dict(layout, is_regular=true), ', ignore_errors = true') %}
    {{ return(run_query('select count(*) from ' ~ read)[0][0] == lines - layout.skip - 1) }}
{% endmacro %}
