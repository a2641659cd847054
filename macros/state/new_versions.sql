{# The versions that this build fitted and a table of the state does not hold yet, as a query. #}
{% macro new_versions(table) -%}
    select
        fits.segmentation,
        cast(max(fits.model_version) as integer) as model_version
    from {% if has_rules() -%}
    (
        select segmentation, model_version from {{ ref('segment_fits') }}
        union all
        select segmentation, model_version from {{ ref('rule_versions') }}
    )
    {%- else -%}
    {{ ref('segment_fits') }}
    {%- endif %} as fits
    left join {{ source('state', table) }} as written
        on fits.segmentation = written.segmentation and fits.model_version = written.model_version
    where written.segmentation is null
    group by fits.segmentation
{%- endmacro %}
