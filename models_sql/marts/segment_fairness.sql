{%- set attributes = {} -%}
{%- if 'gender' in customer_columns() -%}
    {%- do attributes.update({'gender': {
        'feature': 'is_female',
        'group': "case " ~ engineered_features().is_female.sql ~ " when 1.0 then 'women' when 0.0 then 'men' end",
    }}) -%}
{%- endif -%}
{%- if 'age' in customer_columns() -%}
    {%- do attributes.update({'age': {
        'feature': 'age',
        'group': "case when not (" ~ is_imputed('age', 'imputed_features') ~ ") then age_band end",
    }}) -%}
{%- endif %}
with

-- The one pass over the customers; everything after it counts groups.
grouped as (

    select
        {% for segmentation in var('segmentations') -%}
        {{ segmentation }}_segment_id,
        {% endfor -%}
        {% if 'gender' in attributes %}gender,{% endif %}
        {% if 'age' in attributes %}age_band,{% endif %}
        imputed_features,
        count(*) as customers
    from {{ ref('customer_scores') }}
    group by
        {% for segmentation in var('segmentations') -%}
        {{ segmentation }}_segment_id,
        {% endfor -%}
        {% if 'gender' in attributes %}gender,{% endif %}
        {% if 'age' in attributes %}age_band,{% endif %}
        imputed_features

),

counted as (

    {% for segmentation, given in var('segmentations').items() -%}
    {% set outer = loop -%}
    {% for attribute, told in attributes.items() -%}
    select
        '{{ segmentation }}' as segmentation,
        {{ segmentation }}_segment_id as segment_id,
        '{{ attribute }}' as attribute,
        coalesce({{ told.group }}, 'not stated') as group_name,
        {{ 'true' if told.feature in given.features else 'false' }} as is_by_design,
        sum(customers) as customers
    from grouped
    where {{ segmentation }}_segment_id is not null
    group by {{ segmentation }}_segment_id, coalesce({{ told.group }}, 'not stated')
    {{ 'union all' if not (loop.last and outer.last) }}
    {% endfor -%}
    {% endfor %}
    {%- if not attributes -%}
    select
        cast(null as {{ dbt.type_string() }}) as segmentation,
        cast(null as integer) as segment_id,
        cast(null as {{ dbt.type_string() }}) as attribute,
        cast(null as {{ dbt.type_string() }}) as group_name,
        false as is_by_design,
        cast(null as bigint) as customers
    where false
    {%- endif %}

),

-- Segments are audiences, and so is whoever a marketing action is for.
audiences as (

    select
        segmentation,
        segment_id,
        'segment' as audience_kind,
        segment_name as audience,
        cast(null as integer) as priority,
        cast(null as {{ dbt.type_string() }}) as objective
    from {{ ref('segments') }}

    union all

    select
        segmentation,
        segment_id,
        'action' as audience_kind,
        action as audience,
        priority,
        objective
    from {{ ref('segment_marketing_actions') }}

),

audience_groups as (

    select
        audiences.segmentation,
        audiences.audience_kind,
        audiences.audience,
        max(audiences.priority) as priority,
        max(audiences.objective) as objective,
        counted.attribute,
        counted.group_name,
        sum(counted.customers) as customers
    from audiences
    inner join counted
        on audiences.segmentation = counted.segmentation and audiences.segment_id = counted.segment_id
    group by
        audiences.segmentation, audiences.audience_kind, audiences.audience,
        counted.attribute, counted.group_name

),

all_groups as (

    select
        segmentation,
        attribute,
        group_name,
        is_by_design,
        sum(customers) as customers,
        sum(customers) * 1.0 / sum(sum(customers)) over (partition by segmentation, attribute) as share_of_all
    from counted
    group by segmentation, attribute, group_name, is_by_design

),

named_audiences as (

    select distinct
        segmentation,
        audience_kind,
        audience,
        priority,
        objective
    from audience_groups

),

-- Every group of every audience, so that one with nobody of a group shows it as 0.
completed as (

    select
        named_audiences.segmentation,
        named_audiences.audience_kind,
        named_audiences.audience,
        named_audiences.priority,
        named_audiences.objective,
        all_groups.attribute,
        all_groups.group_name,
        all_groups.is_by_design,
        all_groups.share_of_all,
        coalesce(audience_groups.customers, 0) as customers
    from named_audiences
    inner join all_groups on named_audiences.segmentation = all_groups.segmentation
    left join audience_groups
        on
            named_audiences.segmentation = audience_groups.segmentation
            and named_audiences.audience_kind = audience_groups.audience_kind
            and named_audiences.audience = audience_groups.audience
            and all_groups.attribute = audience_groups.attribute
            and all_groups.group_name = audience_groups.group_name

),

shared as (

    select
        *,
        customers * 1.0 / sum(customers) over (partition by segmentation, audience_kind, audience, attribute) as share
    from completed

),

compared as (

    select
        *,
        5e-1 * sum(abs(share - share_of_all)) over (
            partition by segmentation, audience_kind, audience, attribute
        ) as mix_difference
    from shared

),

fairness as (

    select
        ---------- ids
        segmentation,
        audience_kind,
        audience,
        attribute,
        group_name,

        ---------- the action, where the audience is one's
        cast(priority as integer) as priority,
        objective,

        ---------- the group in the audience and among all customers
        cast(customers as bigint) as customers,
        {{ significant('share') }} as share,
        {{ significant('share_of_all') }} as share_of_all,

        ---------- verdict on the attribute, equal on every row of an audience and attribute
        {{ significant('mix_difference') }} as mix_difference,
        is_by_design,
        mix_difference > {{ var('fairness_limit') }} and not is_by_design as is_past_limit
    from compared

)

select * from fairness
