{# Stops a run early, with one sentence that names the var and how to fix it. A run that selects nothing of this
   project, as another project's own models, is none of its business. #}
{% macro check_vars() %}
    {% if not execute or not mall_segments.selects_ours() %}
        {{ return('') }}
    {% endif %}
    {% do check_text_order() %}
    {% do check_var_names() %}
    {% for name, rule in known_vars().items() %}
        {% do check_kind(name, var(name)) %}
        {% do check_value('var ' ~ name, var(name), rule) %}
    {% endfor %}
    {% do check_purchases() %}
    {% if not has_purchases_only() %}
        {% do check_customer_columns() %}
    {% endif %}
    {% do check_segmentations() %}
    {% do check_feature_lists() %}
    {% if var('cluster_counts').min > var('cluster_counts').max %}
        {% do exceptions.raise_compiler_error(
            "var cluster_counts: min " ~ var('cluster_counts').min ~ " and max " ~ var('cluster_counts').max
            ~ " leave nothing to choose from; use 2 <= min <= max.") %}
    {% endif %}
    {% do check_number_format() %}
    {% do check_contact_column() %}
    {% do check_campaign_tables(selected_resources or []) %}
    {% do check_customer_source(selected_resources or []) %}
    {% do check_purchase_source(selected_resources or []) %}
{% endmacro %}
