-- The champions as the last build left them, read before this build replaces them: what a newly trained model is
-- matched to and measured against. Empty on the first build.
{%- set incumbent = adapter.get_relation(this.database, this.schema, 'segment_centroids') if execute %}

with

incumbents as (

    {% if incumbent -%}
    select
        segmentation,
        model_version,
        segment_id,
        feature,
        center,
        scale,
        outlier_distance
    from {{ incumbent }}
    {%- else -%}
    select
        cast(null as {{ dbt.type_string() }}) as segmentation,
        cast(null as integer) as model_version,
        cast(null as integer) as segment_id,
        cast(null as {{ dbt.type_string() }}) as feature,
        cast(null as double) as center,
        cast(null as double) as scale,
        cast(null as double) as outlier_distance
    where false
    {%- endif %}

)

select * from incumbents
