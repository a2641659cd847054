{# CSV files as a relation, with every column as text and what `csv_facts` names. `layouts` are those of `csv_layouts`,
   `options` further ones of DuckDB's reader. #}
{% macro csv_relation(layouts, options='') %}
    {% set facts = csv_facts() %}
    (
        {% for layout in layouts -%}
        select
            {% for header in layout.headers -%}
            nullif({{ quoted(header) }}, '') as {{ quoted(header) }},
            {% endfor -%}
            {{ facts.source_file }},
            {{ 'true' if layout.delimiter == ';' else 'false' }} as {{ facts.file_has_semicolons }},
            {% if layout.is_regular -%}
            false as {{ facts.has_more_cells }},
            false as {{ facts.has_fewer_cells }}
            {%- else -%}
            coalesce(
                {% for header in csv_extra_headers() -%}
                nullif({{ header }}, ''){{ ',' if not loop.last }}
                {% endfor %}
            ) is not null as {{ facts.has_more_cells }},
            {{ quoted(layout.headers[-1]) }} is null as {{ facts.has_fewer_cells }}
            {%- endif %}
        from {{ csv_cells(layout.paths, layout, options) }}
        {{ 'union all by name' if not loop.last }}
        {% endfor %}
    )
{% endmacro %}

{# CSV files of one layout as a relation with a text column for each header, and one for the path of the file. DuckDB's
   reader guesses at a CSV's header, quotes and comments, and drops or merges rows where it guesses wrong, so every choice
   is made here.

   Unless the files are regular, cells beyond the headers get columns of their own, since the reader drops or shifts them
   otherwise, and cells that a row lacks are null where empty ones are not; `parallel` has to be off for short rows and
   quoted line breaks in one file. `options` are further ones of the reader. #}
{% macro csv_cells(paths, layout, options='') %}
    read_csv(
        [{% for path in paths %}{{ sql_text(path) }}{{ ', ' if not loop.last }}{% endfor %}],
        auto_detect = false,
        columns = {
            {% for header in layout.headers -%}
            {{ sql_text(header) }}: 'varchar'{{ ',' if not (loop.last and layout.is_regular) }}
            {% endfor -%}
            {% for header in ([] if layout.is_regular else csv_extra_headers()) -%}
            {{ sql_text(header) }}: 'varchar'{{ ',' if not loop.last }}
            {% endfor %}
        },
        header = true,
        skip = {{ layout.skip }},
        delim = '{{ layout.delimiter }}',
        quote = '"',
        escape = '"',
        nullstr = '{{ "\x01" }}',
        filename = '{{ csv_facts().source_file }}',
        encoding = '{{ layout.encoding }}',
        strict_mode = false
        {%- if not layout.is_regular %},
        null_padding = true,
        parallel = false
        {%- endif %}
        {{ options }}
    )
{% endmacro %}

{# What the cells of a row beyond the headers are called. #}
{% macro csv_extra_headers() %}
    {{ return([
        '__extra_1', '__extra_2', '__extra_3', '__extra_4', '__extra_5', '__extra_6', '__extra_7', '__extra_8',
    ]) }}
{% endmacro %}
