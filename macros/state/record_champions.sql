{# Appends today's champions to the champion history where they changed. Runs in the transaction that writes the
   history, so that a build which dies changes both or neither. #}
{% macro record_champions() %}
    {% set models, history = ref('segmentation_models'), source('state', 'champion_history').render() %}
    {#- `dbt build --empty` builds no history. -#}
    {% if flags.EMPTY %}{{ return('') }}{% endif %}
    insert into {{ history }} (segmentation, model_version, build_number)
    select
        champions.segmentation,
        champions.model_version,
        coalesce(builds.build_number, 1) as build_number
    from {{ models }} as champions
    cross join (
        select greatest(coalesce(max(changes.build_number), 1), coalesce(max(recorded.build_number), 0) + 1)
            as build_number
        from (select max(build_number) as build_number from {{ this }}) as changes
        cross join (select max(build_number) as build_number from {{ history }}) as recorded
    ) as builds
    left join (
        select
            segmentation,
            model_version,
            row_number() over (partition by segmentation order by build_number desc, model_version desc) as recency
        from {{ history }}
    ) as latest
        on champions.segmentation = latest.segmentation and latest.recency = 1
    where
        champions.is_champion
        and (latest.model_version is null or latest.model_version != champions.model_version)
{% endmacro %}
