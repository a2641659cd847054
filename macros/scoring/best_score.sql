{# The best score of a segmentation by rule; 1 is the worst. #}
{% macro best_score() %}
    {{ return(5) }}
{% endmacro %}
