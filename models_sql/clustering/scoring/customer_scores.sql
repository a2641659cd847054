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

{#- What goes from one segmentation to the next: the customer, and where those before put it. The steps on the way stay
    behind, since the planner's time grows with every column that a step carries. -#}
{%- set carried = ['customer_id'] + (customer_columns('category') | list) + customer_bands()
    + (numeric_features() | list) + ['imputed_features'] -%}
{% for segmentation in segmentations %}
{{ scoring_steps(
    segmentation,
    ref('customer_features') if loop.first else segmentations[loop.index0 - 1] ~ '_placed',
    ref('segment_centroids'),
    segmentation,
) }},

{{ scoring_steps(segmentation, segmentation ~ '_scored', 'replaced_centroids', segmentation ~ '_former') }},
{%- set found = {} -%}
{%- for name, expression in scores(segmentation, segmentation).items() -%}
    {%- do found.update({segmentation ~ '_' ~ name: expression}) -%}
{%- endfor -%}
{%- for feature in (segmentation_numbers(segmentation) if is_by_rules(segmentation) else []) -%}
    {%- do found.update({segmentation ~ '_' ~ feature ~ '_score': segmentation ~ '_' ~ feature ~ '__score'}) -%}
{%- endfor %}

{{ segmentation }}_placed as (

    select
        {% for name in carried -%}
        customers.{{ name }},
        {% endfor -%}
        {% for name, expression in found.items() -%}
        {{ expression }} as {{ name }},
        {% endfor -%}
        case
            when {{ segmentation }}_is_replaced = 1
                then {{ scores(segmentation, segmentation ~ '_former').segment_id }}
            else {{ found[segmentation ~ '_segment_id'] }}
        end as {{ segmentation }}_former_model_segment_id
    from {{ segmentation }}_former_scored as customers
    cross join replaced_segmentations

),
{%- do carried.extend(found) -%}
{%- do carried.append(segmentation ~ '_former_model_segment_id') %}
{% endfor %}

-- With what the models fill in, and the segments last.
scored as (

    select
        {% for name in carried -%}
        {%- if name in filled_by -%}
        coalesce(customers.{{ name }}, {{ filled_by[name] }}_model.{{ name }}_fill_value) as {{ name }}
        {%- else -%}
        customers.{{ name }}
        {%- endif %}
        {{- ',' if not loop.last }}
        {% endfor %}
    from {{ segmentations | last }}_placed as customers
    {% for segmentation in segmentations if segmentation in filled_by.values() -%}
    cross join {{ segmentation }}_model
    {% endfor %}

)

select * from scored
