{# The most segments a segmentation can have: how far scoring unrolls its distances. A model of the registry with
   more segments than a newly fixed `n_clusters` must stay usable, so the candidates' maximum counts too. #}
{% macro max_cluster_count(segmentation) %}
    {% set most = var('cluster_counts').max %}
    {{ return([most, var('segmentations')[segmentation].get('n_clusters', most)] | max) }}
{% endmacro %}
