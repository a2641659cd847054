{# How to read the CSV files of a path or glob: [{paths, headers, delimiter, encoding, skip, is_regular}], files that
   are laid out alike together. The headers are the cells of the first record, the delimiter is the most frequent one in
   it outside quotes. #}
{% macro csv_layouts(path) %}
    {% set layouts = {} %}
    {% for row in run_query('select file from glob(' ~ sql_text(path) ~ ') order by file') %}
        {% set text = csv_text(row[0]) %}
        {% set bare = modules.re.sub('"(?:[^"]|"")*"', '', text.header) %}
        {% set delimiters = [] %}
        {% for delimiter in [',', ';', '\t', '|'] %}
            {% do delimiters.append([bare.count(delimiter), -loop.index, delimiter]) %}
        {% endfor %}
        {% set delimiter = (delimiters | max)[2] %}
        {% set cell = '(?:^|' ~ modules.re.escape(delimiter) ~ ')("(?:[^"]|"")*"|[^' ~ delimiter ~ ']*)' %}
        {% set headers = [] %}
        {% for written in modules.re.findall(cell, text.header) %}
            {% set is_quoted = written[:1] == '"' and written | length > 1 %}
            {% set cell_text = written[1:-1] | replace('""', '"') if is_quoted else written %}
            {% set name = cell_text | trim %}
            {# A name that is empty or taken already gets a number, so that every column has one of its own. #}
            {% set taken = headers | map('lower') | list + csv_facts().values() | list %}
            {% do headers.append(name if name and name | lower not in taken else name ~ '_' ~ loop.index) %}
        {% endfor %}
        {% set layout = {
            'headers': headers,
            'delimiter': delimiter,
            'encoding': text.encoding,
            'skip': text.skip,
        } %}
        {# Apart from one another they would be read in another order. #}
        {% set layout = layouts.setdefault(layout | string, dict(layout, paths=[], is_regular=true)) %}
        {% do layout.paths.append(text.path) %}
        {% do layout.update(is_regular=layout.is_regular and text.is_valid and csv_is_regular(text.path, layout)) %}
    {% endfor %}
    {{ return(layouts.values() | list) }}
{% endmacro %}
