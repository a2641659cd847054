{# The most segments a segmentation can have: how far scoring unrolls its distances. A model of the registry with
   more segments than a newly fixed `n_clusters` must stay usable, so the candidates' maximum counts too. By rule there
   can be one for every pair of scores. #}
{% macro max_cluster_count(segmentation) %}
    {% if is_by_rules(segmentation) %}
        {{ return(best_score() * best_score()) }}
    {% endif %}
    {% set most = var('cluster_counts').max %}
    {{ return([most, var('segmentations')[segmentation].get('n_clusters', most)] | max) }}
{% endmacro %}
