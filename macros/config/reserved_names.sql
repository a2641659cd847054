{# Names that no column of the customers, segmentation or feature may have: those the models give columns and tables
   that stand beside the customers' own, and words of SQL. A name with two underscores in a row is ours as well. #}
{% macro reserved_names() %}
    {{ return([
        'customer_id', 'source_row_number', 'rejection_reason', 'source_values', 'unreadable_columns',
        'out_of_range_columns', 'has_fewer_cells', 'imputed_features', 'all_customers', 'bin', 'chance', 'customers',
        'draw', 'feature', 'is_evaluated', 'sample_weight', 'segment_id', 'segmentation', 'value', 'age_band',
        'income_band', 'spending_band',
    ] + sql_words()) }}
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
