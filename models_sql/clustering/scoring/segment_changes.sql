{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='append_new_columns',
    full_refresh=false,
    post_hook='{{ record_champions() }}',
) }}
-- The history as it is written: a row for each customer that joined, changed its segment or left since the last build.
-- Whether the customer or the model changed shows when the champion before is applied to the customer as it is today.
{%- set segmentations = var('segmentations') | list -%}
{#- A row number is somebody else once rows come and go: it has no history. -#}
{#- A segmentation that is new today has no column in the history yet. -#}
{%- set written = adapter.get_columns_in_relation(this) | map(attribute='name') | list if is_incremental() else [] -%}
{%- set began_at = "cast('" ~ run_started_at.strftime("%Y-%m-%d %H:%M:%S.%f") ~ "' as timestamp)" -%}
{#- One that is gone leaves its customers without a segment, so that the history does not say they are still there. -#}
{%- set gone = [] -%}
{%- for column in written if column.endswith('_cause') and column[:-6] not in segmentations -%}
    {%- do gone.append(column[:-6]) -%}
{%- endfor -%}
{%- set nobody = 'where false' if flags.EMPTY or ids_are_row_numbers() else '' %}
with

-- With purchases the history goes by the day they were known on, so that a past one can be built.
this_build as (

    {% if has_purchases() -%}
    select coalesce(cast(as_of as timestamp), {{ began_at }}) as seen_at
    from {{ ref('as_of_day') }}
    {%- else -%}
    select {{ began_at }} as seen_at
    {%- endif %}

),

today as (

    select
        customer_id,
        imputed_features,
        {% for segmentation in segmentations -%}
        cast({{ segmentation }}_segment_id as integer) as {{ segmentation }}_segment_id,
        cast({{ segmentation }}_former_model_segment_id as integer) as {{ segmentation }}_former_model_segment_id
        {{- ',' if not loop.last }}
        {% endfor %}
    from {{ ref('customer_scores') }}

),

{% if is_incremental() -%}
last_build as (

    select
        min(build_number) as first_build_number,
        max(build_number) as build_number,
        max(seen_at) as seen_at
    from {{ this }}

),

-- Few are ever written again, and only their rows have to be put in order.
later as (

    select
        written.*,
        row_number() over (partition by written.customer_id order by written.build_number desc) as recency
    from {{ this }} as written
    cross join last_build
    where written.build_number > last_build.first_build_number

),

latest as (

    select
        {% for name in written -%}
        written.{{ quoted(name) }}{{ ',' if not loop.last }}
        {% endfor %}
    from {{ this }} as written
    cross join last_build
    left join later on written.customer_id = later.customer_id and later.recency = 1
    where written.build_number = last_build.first_build_number and later.customer_id is null

    union all

    select
        {% for name in written -%}
        {{ quoted(name) }}{{ ',' if not loop.last }}
        {% endfor %}
    from later
    where recency = 1

),

known as (

    select
        customer_id,
        {% for segmentation in segmentations -%}
        {{ segmentation ~ '_segment_id' if segmentation ~ '_segment_id' in written else 'cast(null as integer)' }}
            as {{ segmentation }}_known_segment_id,
        {% endfor -%}
        {{ 'coalesce(' ~ gone | join('_segment_id, ') ~ '_segment_id) is not null' if gone else 'false' }}
            as is_in_one_that_is_gone
    from latest
    where event != 'left'

),

{% else -%}
last_build as (

    select
        cast(null as integer) as build_number,
        cast(null as timestamp) as seen_at

),

{% endif -%}
compared as (

    {% if is_incremental() -%}
    select
        coalesce(today.customer_id, known.customer_id) as customer_id,
        case
            when known.customer_id is null then 'joined'
            when today.customer_id is null then 'left'
            when
                {% for segmentation in segmentations -%}
                {{ 'or ' if not loop.first }}coalesce(today.{{ segmentation }}_segment_id, 0)
                != coalesce(known.{{ segmentation }}_known_segment_id, 0)
                {% endfor -%}
                or known.is_in_one_that_is_gone
                then 'changed'
        end as event,
        coalesce(today.imputed_features, '') as imputed_features,
        {% for segmentation in segmentations -%}
        today.{{ segmentation }}_segment_id,
        today.{{ segmentation }}_former_model_segment_id,
        known.{{ segmentation }}_known_segment_id{{ ',' if not loop.last }}
        {% endfor %}
    from today
    full outer join known on today.customer_id = known.customer_id
    {%- else -%}
    select
        customer_id,
        'joined' as event,
        imputed_features,
        {% for segmentation in segmentations -%}
        {{ segmentation }}_segment_id,
        {{ segmentation }}_former_model_segment_id,
        cast(null as integer) as {{ segmentation }}_known_segment_id{{ ',' if not loop.last }}
        {% endfor %}
    from today
    {%- endif %}

),

changed as (

    select * from compared
    where event is not null

),

-- A value that is not known may move a customer by what the new version fills in for it.
to_refill as (

    select
        features.*,
        changed.event
    from changed
    inner join {{ ref('customer_features') }} as features on changed.customer_id = features.customer_id
    where changed.event = 'changed' and changed.imputed_features != ''

),

champion_fills as (

    select distinct
        segmentation,
        feature,
        level,
        fill_value
    from {{ ref('segment_centroids') }}

),

refilled_centroids as (

    select
        incumbents.segmentation,
        incumbents.model_version,
        incumbents.segment_id,
        incumbents.feature,
        incumbents.level,
        incumbents.center,
        incumbents.outlier_distance,
        champions.fill_value,
        incumbents.low_fence,
        incumbents.high_fence,
        incumbents.transform,
        incumbents.scale
    from {{ ref('incumbent_centroids') }} as incumbents
    inner join champion_fills as champions
        on
            incumbents.segmentation = champions.segmentation
            and incumbents.feature = champions.feature
            and incumbents.level = champions.level

),

{#- The steps of each segmentation stay behind, as in `customer_scores`. -#}
{%- set carried = ['customer_id'] + (customer_columns('category') | list) + (numeric_features() | list) -%}
{% for segmentation in segmentations %}
{{ scoring_steps(
    segmentation,
    'to_refill' if loop.first else segmentations[loop.index0 - 1] ~ '_placed',
    'refilled_centroids',
    segmentation ~ '_refilled',
) }},

{{ segmentation }}_placed as (

    select
        {% for name in carried -%}
        {{ name }},
        {% endfor -%}
        {{ scores(segmentation, segmentation ~ '_refilled').segment_id }} as {{ segmentation }}_segment_id
    from {{ segmentation }}_refilled_scored

),
{%- do carried.append(segmentation ~ '_segment_id') %}
{% endfor %}

refilled as (

    select * from {{ segmentations | last }}_placed

),

changes as (

    select
        ---------- when
        cast(coalesce(last_build.build_number, 0) + 1 as integer) as build_number,
        greatest(
            this_build.seen_at,
            coalesce({{ dbt.dateadd('second', 1, 'last_build.seen_at') }}, this_build.seen_at)
        ) as seen_at,

        ---------- who, and what happened
        changed.customer_id,
        changed.event,

        ---------- the segments from then on, and why
        {% for segmentation in segmentations -%}
        {%- set known = 'changed.' ~ segmentation ~ '_known_segment_id' -%}
        {%- set former = 'changed.' ~ segmentation ~ '_former_model_segment_id' -%}
        {%- set new = 'changed.' ~ segmentation ~ '_segment_id' -%}
        {{ new }},
        {{ former }},
        case
            when changed.event != 'changed' or {{ known }} is null or {{ known }} = {{ new }} then null
            when {{ former }} = {{ new }} then 'customer changed'
            when {{ former }} = {{ known }} and refilled.{{ segmentation }}_segment_id = {{ new }}
                then 'filling changed'
            when {{ former }} is null or {{ former }} = {{ known }} then 'model changed'
            else 'customer and model changed'
        end as {{ segmentation }}_cause{{ ',' if not loop.last }}
        {% endfor %}
    from changed
    cross join this_build
    cross join last_build
    left join refilled on changed.customer_id = refilled.customer_id
    {{ nobody }}

)

select * from changes
