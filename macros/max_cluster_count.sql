{# The most segments a segmentation can have: how far scoring unrolls its distances. #}
{% macro max_cluster_count(segmentation) %}
    {{ return(var('segmentations')[segmentation].get('n_clusters', var('cluster_counts').max)) }}
{% endmacro %}
