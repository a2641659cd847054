{# Stops a run before it trains on customers too few or too alike to separate, with one sentence that names the var
   and the fix. No customers at all are fine: empty tables follow. #}
{% macro check_training_sample() %}
    {% if not execute %}
        {{ return('') }}
    {% endif %}
    {% set counted %}
        {% for segmentation, declared in var('segmentations').items() -%}
        select
            '{{ segmentation }}' as segmentation,
            count(*) as points
        from (
            select distinct {{ declared.features | join(', ') }}
            from {{ this }}
            where is_evaluated and segmentation = '{{ segmentation }}'
        ) as distinct_points
        {{ 'union all' if not loop.last }}
        {% endfor %}
    {% endset %}
    {% for segmentation, distinct in run_query(counted).rows %}
        {% set declared = var('segmentations')[segmentation] %}
        {% set wanted = declared.get('n_clusters', var('cluster_counts').min) %}
        {% set found = " of `" ~ segmentation ~ "` take only " ~ distinct ~ (" value; " if distinct == 1 else " different values; ") %}
        {# A number of segments under 2 is refused, so to advise it would lead nowhere. #}
        {% set remedy = ('lower ' ~ ('it' if declared.n_clusters else 'min') ~ ' under ' ~ distinct if distinct > 2
            else 'name features that tell more customers apart') ~ ', or add customers.' %}
        {% set enough = distinct > (0 if is_by_rules(segmentation) else wanted)
            or not run_query('select 1 from ' ~ ref('observed_features') ~ ' limit 1') | length %}
        {% if not enough and distinct == 0 %}
            {% do exceptions.raise_compiler_error(
                "var segmentations: no customer has a usable value of every feature of `" ~ segmentation ~ "` ("
                ~ declared.features | join(', ') ~ "); leave out the one that is missing, or fix its `from` and range in "
                ~ "the var customer_columns.") %}
        {% elif not enough and declared.n_clusters %}
            {% do exceptions.raise_compiler_error(
                "var segmentations: n_clusters is " ~ wanted ~ ", but the features" ~ found ~ remedy) %}
        {% elif not enough %}
            {% do exceptions.raise_compiler_error(
                "var cluster_counts: min is " ~ wanted ~ ", but the features" ~ found ~ remedy) %}
        {% endif %}
    {% endfor %}
{% endmacro %}
