{# Names that no column of the customers, segmentation or feature may have, as a list: words of SQL, the columns that
   the tables with the customers' own columns have beside them, and what these models call things on the way. A name with
   two underscores in a row is ours as well, so a model that needs a new one on the way does best to choose such. #}
{% macro reserved_names() %}
    {% set names = [
        'all_customers', 'bin', 'chance', 'customers', 'draw', 'feature', 'features', 'former', 'long_customers', 'measured',
        'scales', 'scores', 'segments', 'statistics', 'value',
    ] + sql_words() %}
    {% set nodes = graph.nodes.values() if graph else [] %}
    {% set nodes = nodes | selectattr('package_name', 'equalto', 'mall_segments') | list %}
    {% set malls = [] %}
    {% for node in nodes if node.name == 'observed_features' %}
        {% do malls.extend(node.columns.keys() | reject('in', ['customer_id', 'as_of']) | list) %}
    {% endfor %}
    {% for node in nodes if node.columns and node.columns.spending_score and node.columns.customer_id %}
        {% do names.extend(node.columns.keys() | reject('in', malls) | list) %}
    {% endfor %}
    {{ return(names | unique | list) }}
{% endmacro %}

{# Words that DuckDB, Postgres or Spark take for their own where a name stands. #}
{% macro sql_words() %}
    {{ return((
        'all analyse analyze and anti any array as asc asymmetric at authorization between binary both by case cast check '
        'collate collation column concurrently constraint create cross current current_catalog current_date current_role '
        'current_schema current_time current_timestamp current_user default deferrable desc describe distinct do else '
        'end escape except exists false fetch filter following for foreign freeze from full function generated glob grant '
        'group having ilike in initially inner intersect interval into is isnull join lambda lateral leading left like '
        'limit localtime localtimestamp map minus natural not notnull null of offset on only or order outer over overlaps '
        'partition pivot pivot_longer pivot_wider placing position positional preceding primary qualify range references '
        'returning right row rows select semi session_user set show similar some struct summarize symmetric table '
        'tablesample then time timestamp to trailing true try_cast unbounded union unique unknown unpivot user using '
        'variadic verbose when where window with within asof match_recognize columns'
    ).split()) }}
{% endmacro %}
