-- Every customer against every centroid of every champion, in one pass; and against those of the champion before, where
-- this build made another one champion.
{%- set segmentations = var('segmentations') | list -%}
{#- A feature shows the value that the first segmentation to use it fills in, those by rule last, since they fill in
    hardly anything; one that none uses stays unknown. -#}
{%- set filled_by = {} -%}
{%- for segmentation in segmentations_by('kmeans') + segmentations_by('rules') -%}
    {%- for feature in segmentation_numbers(segmentation) if feature not in filled_by -%}
        {%- do filled_by.update({feature: segmentation}) -%}
    {%- endfor -%}
{%- endfor %}
with

champion_versions as (

    select distinct
        segmentation,
        model_version
    from {{ ref('segment_centroids') }}

),

replaced as (

    select incumbents.*
    from {{ ref('incumbent_centroids') }} as incumbents
    left join champion_versions
        on
            incumbents.segmentation = champion_versions.segmentation
            and incumbents.model_version = champion_versions.model_version
    where champion_versions.segmentation is null

),

champion_features as (

    select distinct
        segmentation,
        feature
    from {{ ref('segment_centroids') }}

),

-- A champion before that asks for a feature the segmentation no longer has cannot place a customer of today.
unknown_features as (

    select distinct replaced.segmentation
    from replaced
    left join champion_features
        on replaced.segmentation = champion_features.segmentation and replaced.feature = champion_features.feature
    where champion_features.feature is null

),

replaced_centroids as (

    select replaced.*
    from replaced
    left join unknown_features on replaced.segmentation = unknown_features.segmentation
    where unknown_features.segmentation is null

),

replaced_segmentations as (

    select
        {% for segmentation in segmentations -%}
        max(case when segmentation = '{{ segmentation }}' then 1 else 0 end) as {{ segmentation }}_is_replaced
        {{- ',' if not loop.last }}
        {% endfor %}
    from replaced

),

{% for segmentation in segmentations %}
{{ scoring_steps(
    segmentation,
    ref('customer_features') if loop.first else segmentations[loop.index0 - 1] ~ '_former_scored',
    ref('segment_centroids'),
    segmentation,
) }},

{{ scoring_steps(segmentation, segmentation ~ '_scored', 'replaced_centroids', segmentation ~ '_former') }},
{% endfor %}

scored as (

    select
        ---------- ids
        customers.customer_id,

        ---------- attributes and features
        {% for name in customer_columns('category') -%}
        customers.{{ name }},
        {% endfor -%}
        {% for name in customer_bands() -%}
        customers.{{ name }},
        {% endfor -%}
        {% for name in numeric_features() -%}
        {%- if name in filled_by -%}
        coalesce(customers.{{ name }}, {{ filled_by[name] }}_model.{{ name }}_fill_value) as {{ name }},
        {%- else -%}
        customers.{{ name }},
        {%- endif %}
        {% endfor -%}
        customers.imputed_features,

        ---------- segments
        {% for segmentation in segmentations -%}
        {% set outer = loop -%}
        {%- set columns = scores(segmentation, segmentation) -%}
        {% for name, expression in columns.items() -%}
        {{ expression }} as {{ segmentation }}_{{ name }},
        {% endfor -%}
        {% for feature in (segmentation_numbers(segmentation) if is_by_rules(segmentation) else []) -%}
        {{ segmentation }}_{{ feature }}__score as {{ segmentation }}_{{ feature }}_score,
        {% endfor -%}
        case
            when {{ segmentation }}_is_replaced = 1
                then {{ scores(segmentation, segmentation ~ '_former').segment_id }}
            else {{ columns.segment_id }}
        end as {{ segmentation }}_former_model_segment_id{{ ',' if not outer.last }}
        {% endfor %}
    from {{ segmentations | last }}_former_scored as customers
    cross join replaced_segmentations
    {% for segmentation in segmentations if segmentation in filled_by.values() -%}
    cross join {{ segmentation }}_model
    {% endfor %}

)

select * from scored
