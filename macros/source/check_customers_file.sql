{# Stops a run before it reads a file that cannot be read, with one sentence that names the var and the fix. Returns
   what to select the rows from. #}
{% macro check_customers_file(path, var_name='customers_file') %}
    {{ return(adapter.dispatch('check_customers_file', 'mall_segments')(path, var_name)) }}
{% endmacro %}

{% macro default__check_customers_file(path, var_name) %}
    {{ return(customer_file(path)) }}
{% endmacro %}

{% macro duckdb__check_customers_file(path, var_name) %}
    {% set starts = {
        '1F8B': 'gzip', '28B52FFD': 'Zstandard', '50415231': 'Parquet', '504B0304': 'Excel or zip',
        'D0CF11E0': 'Excel', 'FFFE': 'UTF-16', 'FEFF': 'UTF-16',
    } %}
    {% if '://' in path and not run_query(
        "select 1 from duckdb_extensions() where extension_name = 'httpfs' and installed") | length %}
        {% do exceptions.raise_compiler_error(
            "var " ~ var_name ~ ": `" ~ path ~ "` is not on this machine, and DuckDB's extension httpfs, which fetches it, is "
            ~ "not installed; install that, or download the file and name the copy.") %}
    {% elif not run_query("select file from glob(" ~ sql_text(path) ~ ")") | length %}
        {% do exceptions.raise_compiler_error(
            "var " ~ var_name ~ ": no file matches `" ~ path ~ "`; name a CSV or Parquet file or a glob, relative to the "
            ~ "folder that dbt is started in.") %}
    {% endif %}
    {% for file in run_query("select filename, size from read_blob(" ~ sql_text(path) ~ ") order by filename") %}
        {% set said = 'gzip' if file[0].endswith('.gz') else 'Zstandard' if file[0].endswith('.zst')
            else 'Parquet' if customer_file_format(file[0], var_name) == 'parquet' else 'text' %}
        {% if file[1] == 0 %}
            {% do exceptions.raise_compiler_error(
                "var " ~ var_name ~ ": `" ~ file[0] ~ "` is empty; give a file with at least a header, or leave it out."
            ) %}
        {# Reading the first bytes reads the file, so those of a large one are left to the engine. #}
        {% elif file[1] < 500000000 %}
            {% set start, end = run_query(
                "select hex(content[1:64]), hex(content[-8:]) from read_blob(" ~ sql_text(file[0]) ~ ")")[0] %}
            {# Bytes that no text begins with; UTF-16 without its mark has 00. #}
            {% set is_binary = modules.re.match('(..)*?(0[0-8EF]|1[0-9])', start) %}
            {% set found = namespace(kind='binary data' if is_binary else 'text') %}
            {% for bytes, kind in starts.items() if start.startswith(bytes) %}
                {% set found.kind = kind %}
            {% endfor %}
            {% if found.kind != said %}
                {% do exceptions.raise_compiler_error(
                    "var " ~ var_name ~ ": `" ~ file[0] ~ "` holds " ~ found.kind ~ " where its ending says " ~ said
                    ~ "; rename it to what it is, or save it as UTF-8 CSV or Parquet.") %}
            {% elif said == 'Parquet' and not end.endswith('50415231') %}
                {% do exceptions.raise_compiler_error(
                    "var " ~ var_name ~ ": `" ~ file[0] ~ "` is cut off, since a Parquet file ends as it begins; copy or "
                    ~ "write it again.") %}
            {# Before its mark at the end stands how long the footer is, which begins with a version and a list. #}
            {% elif said == 'Parquet' %}
                {% set first = file[1] - 8 - little_endian(end[:8]) + 1 %}
                {% set footer = run_query("select hex(content[" ~ first ~ ":" ~ (first + 2) ~ "]) from read_blob("
                    ~ sql_text(file[0]) ~ ")")[0][0] if first > 4 else '' %}
                {% if not modules.re.fullmatch('15..19', footer) %}
                    {% do exceptions.raise_compiler_error(
                        "var " ~ var_name ~ ": the footer of `" ~ file[0] ~ "` is damaged, which says what a Parquet file "
                        ~ "holds; copy or write it again.") %}
                {% endif %}
            {# A file in gzip ends with the length of what it holds, which is at most 1032 times its own. #}
            {% elif said == 'gzip' and little_endian(end[-8:]) > 1032 * file[1] %}
                {% do exceptions.raise_compiler_error(
                    "var " ~ var_name ~ ": `" ~ file[0] ~ "` is cut off, since it does not end as gzip does; copy or "
                    ~ "compress it again.") %}
            {% endif %}
        {% endif %}
    {% endfor %}
    {% if customer_file_format(path, var_name) == 'parquet' %}
        {{ return(customer_file(path)) }}
    {% endif %}
    {% set layouts = csv_layouts(path) %}
    {% set errors = csv_errors(layouts) %}
    {% if errors | length %}
        {% do exceptions.raise_compiler_error(
            "var " ~ var_name ~ ": line " ~ errors[0][1] ~ " of `" ~ (path if errors[0][0].endswith('.utf8.csv') else errors[0][0]) ~ "` cannot be read ("
            ~ errors[0][2] | lower ~ "); fix that line, often a quote that is never closed.") %}
    {% endif %}
    {{ return(csv_relation(layouts)) }}
{% endmacro %}

{# A number of bytes in hexadecimal digits, the lowest byte first. #}
{% macro little_endian(digits) %}
    {{ return(modules.re.findall('..', digits) | reverse | join | int(base=16)) }}
{% endmacro %}
