-- Fails where the var `pinned_versions` names a version that the registry lacks, or that was trained on other features
-- or weights than the segmentation names today: marts must not be built on another model than the one asked for.
with

pinned as (

    {% for segmentation, version in (var('pinned_versions') or {}).items() -%}
    select
        '{{ segmentation }}' as segmentation,
        {{ version }} as model_version
    union all
    {% endfor -%}
    select
        cast(null as {{ dbt.type_string() }}) as segmentation,
        cast(null as integer) as model_version
    where false

)

select
    pinned.segmentation,
    pinned.model_version
from pinned
left join {{ ref('segmentation_models') }} as models
    on
        pinned.segmentation = models.segmentation
        and pinned.model_version = models.model_version
        and models.is_champion
where models.model_version is null
