{# Stops a run before it trains on customers too few or too alike to part, with one sentence that names the var and
   the mend. No customers at all are fine: empty tables follow. #}
{% macro check_training_sample() %}
    {% if execute and run_query('select 1 from ' ~ ref('observed_features') ~ ' limit 1') | length %}
        {% for segmentation, given in var('segmentations').items() %}
            {% set features = given.features | join(', ') %}
            {% set distinct = run_query(
                "select count(*) from (select distinct " ~ features ~ " from " ~ this ~ " where is_evaluated and "
                ~ "segmentation = '" ~ segmentation ~ "') as points"
            )[0][0] | int %}
            {% if distinct == 0 %}
                {% do exceptions.raise_compiler_error(
                    "var segmentations: no customer has a usable value of every feature of `" ~ segmentation ~ "` ("
                    ~ features ~ "); leave out the one that is missing, or mend its `from` and range in the var "
                    ~ "customer_columns.") %}
            {% elif given.n_clusters and distinct <= given.n_clusters %}
                {% do exceptions.raise_compiler_error(
                    "var segmentations: `" ~ segmentation ~ "` fixes n_clusters at " ~ given.n_clusters
                    ~ ", but its features tell only " ~ distinct ~ " customers apart; lower it under " ~ distinct
                    ~ " or give more customers.") %}
            {% elif distinct <= var('cluster_counts').min %}
                {% do exceptions.raise_compiler_error(
                    "var cluster_counts: min is " ~ var('cluster_counts').min ~ ", but the features of `"
                    ~ segmentation ~ "` tell only " ~ distinct ~ " customers apart; lower min or give more customers."
                ) %}
            {% endif %}
        {% endfor %}
    {% endif %}
{% endmacro %}
