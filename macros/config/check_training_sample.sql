{# Stops a run before it trains on customers too few or too alike to part, with one sentence that names the var and
   the mend. No customers at all are fine: empty tables follow. #}
{% macro check_training_sample() %}
    {% if not execute %}
        {{ return('') }}
    {% endif %}
    {% set counted %}
        {% for segmentation, given in var('segmentations').items() -%}
        select
            '{{ segmentation }}' as segmentation,
            count(*) as points
        from (
            select distinct {{ given.features | join(', ') }}
            from {{ this }}
            where is_evaluated and segmentation = '{{ segmentation }}'
        ) as distinct_points
        {{ 'union all' if not loop.last }}
        {% endfor %}
    {% endset %}
    {% for segmentation, distinct in run_query(counted).rows %}
        {% set given = var('segmentations')[segmentation] %}
        {% set wanted = given.get('n_clusters', settings('cluster_counts').min) %}
        {% set told = " of `" ~ segmentation ~ "` tell only " ~ distinct ~ " customers apart; " %}
        {% set enough = distinct > wanted
            or not run_query('select 1 from ' ~ ref('observed_features') ~ ' limit 1') | length %}
        {% if not enough and distinct == 0 %}
            {% do exceptions.raise_compiler_error(
                "var segmentations: no customer has a usable value of every feature of `" ~ segmentation ~ "` ("
                ~ given.features | join(', ') ~ "); leave out the one that is missing, or mend its `from` and range in "
                ~ "the var customer_columns.") %}
        {% elif not enough and given.n_clusters %}
            {% do exceptions.raise_compiler_error(
                "var segmentations: n_clusters is " ~ wanted ~ ", but the features" ~ told ~ "lower it under " ~ distinct
                ~ " or give more customers.") %}
        {% elif not enough %}
            {% do exceptions.raise_compiler_error(
                "var cluster_counts: min is " ~ wanted ~ ", but the features" ~ told
                ~ "lower min or give more customers.") %}
        {% endif %}
    {% endfor %}
{% endmacro %}
