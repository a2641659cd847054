{{ config(enabled=has_rules(), tags=['training'], post_hook='{{ check_former_method() }}') }}
{#- What the cut points depend on, and with the groups the whole version. The name of a group is no part of it. -#}
{%- set rules = segmentations_by('rules') %}
with

wanted as (

    {% for segmentation in rules -%}
    {%- set features = segmentation_numbers(segmentation) -%}
    {%- set cuts = var('segmentations')[segmentation].get('cuts', '') -%}
    select
        '{{ segmentation }}' as segmentation,
        '{{ '{"' ~ features | join('": 1.0, "') ~ '": 1.0}' }}' as features,
        {{ dbt.hash(sql_text(features | sort | join(', ') ~ '; ' ~ cuts)) }} as data_hash
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

ranges as (

    select
        cast(segment_id as {{ dbt.type_string() }}) || ': ' || recency_from || '-' || recency_to
        || ' ' || frequency_money_from || '-' || frequency_money_to as range_text
    from {{ ref('rfm_groups') }}

),

groups as (

    select {{ dbt.listagg('range_text', "', '", 'order by range_text') }} as groups_text from ranges

),

-- A model of nobody would have no cut points.
sampled as (

    select
        segmentation,
        count(*) as training_rows
    from {{ ref('training_sample') }}
    group by segmentation

),

hashed as (

    select
        wanted.segmentation,
        wanted.features,
        sampled.training_rows,
        wanted.data_hash,
        {{ dbt.hash("wanted.data_hash || ' ' || groups.groups_text") }} as fit_hash
    from wanted
    cross join groups
    inner join sampled on wanted.segmentation = sampled.segmentation

),

trained as (

    select
        segmentation,
        model_version,
        max(data_hash) as data_hash,
        max(fit_hash) as fit_hash,
        row_number() over (partition by segmentation order by model_version desc) as recency
    from {{ source('state', 'trained_centroids') }}
    group by segmentation, model_version

),

-- A build that died may have left a part of a version: that number is taken too.
numbers as (

    {% for table in ('trained_features', 'trained_cuts', 'trained_rules') -%}
    select
        segmentation,
        model_version
    from {{ source('state', table) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

taken as (

    select
        segmentation,
        max(model_version) as model_version
    from numbers
    group by segmentation

),

-- Other groups are no reason for other cut points: those of the last version that was cut alike stay.
cut_alike as (

    select
        hashed.segmentation,
        max(trained.model_version) as model_version
    from hashed
    inner join trained on hashed.segmentation = trained.segmentation and hashed.data_hash = trained.data_hash
    group by hashed.segmentation

),

versions as (

    select
        ---------- ids
        hashed.segmentation,
        cast(coalesce(taken.model_version, 0) + 1 as integer) as model_version,

        ---------- what it is made of
        cast(cut_alike.model_version as integer) as cuts_version,
        hashed.features,
        cast(hashed.training_rows as bigint) as training_rows,
        hashed.data_hash,
        hashed.fit_hash
    from hashed
    left join taken on hashed.segmentation = taken.segmentation
    left join cut_alike on hashed.segmentation = cut_alike.segmentation
    left join trained on hashed.segmentation = trained.segmentation and trained.recency = 1
    where
        (trained.fit_hash is null or trained.fit_hash != hashed.fit_hash)
        and not {{ var('freeze_training') }}

)

select * from versions
