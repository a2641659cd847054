{# The path of a copy in UTF-8, beside the warehouse file, of a CSV file in Windows-1252 that DuckDB cannot read by
   itself; none where it can, which is Latin-1 without the bytes 80 to 9F. Every call writes the copy again.

   A file's bytes as text show all but plain characters as `\xFC`, so replacing those is all it takes. The backslash
   comes last, lest it makes new ones. #}
{% macro csv_copy_in_utf8(file) %}
    {% set source = 'read_blob(' ~ sql_text(file) ~ ')' %}
    {% set size = run_query('select size from ' ~ source)[0][0] %}
    {% if size > 500000000 or modules.re.search('[.](gz|zst)$', file | lower) %}
        {{ return(none) }}
    {% endif %}
    {% set codes = run_query(
        "select distinct unnest(regexp_extract_all(cast(content as varchar), '\\\\x([89A-F][0-9A-F])', 1)) as code"
        ~ ' from ' ~ source ~ ' order by code'
    ).columns[0].values() %}
    {% if not codes | select('in', ['80', '82', '83', '84', '85', '86', '87', '88', '89', '8A', '8B', '8C', '8E', '91',
        '92', '93', '94', '95', '96', '97', '98', '99', '9A', '9B', '9C', '9E', '9F', '81', '8D', '8F', '90', '9D'])
        | list %}
        {{ return(none) }}
    {% endif %}
    {% set from_80 = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ' %}
    {% set text = namespace(sql='cast(content as varchar)') %}
    {% set further = ['00', '09', '0A', '0B', '0C', '0D', '1A', '1B', '1C', '1D', '1E', '1F', '22', '27', '7F', '5C'] %}
    {% for code in codes | list + further %}
        {% set number = code | int(base=16) %}
        {% set character = sql_text(from_80[number - 128]) if 128 <= number < 160 else 'chr(' ~ number ~ ')' %}
        {% set text.sql = 'replace(' ~ text.sql ~ ", '\\x" ~ code ~ "', " ~ character ~ ')' %}
    {% endfor %}
    {% set copy = target.get('path', 'mall_segments') | replace(':memory:', 'mall_segments')
        ~ '.' ~ local_md5(file)[:8] ~ '.utf8.csv' %}
    {% do run_query(
        'copy (select encode(' ~ text.sql ~ ') from ' ~ source ~ ') to ' ~ sql_text(copy) ~ ' (format blob)') %}
    {{ return(copy) }}
{% endmacro %}
