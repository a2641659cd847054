{# Stops a run where K-Means made a segmentation that is by rule today: the groups of a rule bring numbers of their own,
   which the history would take for those of the former segments. #}
{% macro check_former_method() %}
    {% if not execute %}
        {{ return('') }}
    {% endif %}
    {% set formers %}
        select distinct segmentation from {{ source('state', 'trained_centroids') }}
        where
            segmentation in ('{{ segmentations_by('rules') | join("', '") }}')
            and not ({{ is_ruled('package_versions') }})
        order by segmentation
    {% endset %}
    {% for former in run_query(formers).rows %}
        {% do exceptions.raise_compiler_error(
            "var segmentations: `" ~ former[0] ~ "` was made by K-Means before, and its segments would be taken for the "
            ~ "groups of the same numbers; give the one by rule another name.") %}
    {% endfor %}
{% endmacro %}
