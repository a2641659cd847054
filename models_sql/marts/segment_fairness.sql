{%- set accepted -%}
    ({% for name in var('fairness_accepted') or [] %}{{ sql_text(name) }}, {% endfor %}'')
{%- endset -%}
-- Whom an audience takes or leaves out, among those who state the attribute. The groups that an audience has more of
-- than all customers count as one; their share is compared with the most it could be for an audience of this size,
-- which is Cole's coefficient of association (Ecology 30, 1949). It is 1 where nobody outside those groups is in the
-- audience, or everybody in them is. Chance is ruled out by Hoeffding's bound (1963, Theorem 1), which holds for
-- audiences of any size and for draws without replacement.
{%- set attributes = fairness_attributes() -%}
{%- set false_alarms = '5e-2' -%}
{#- Categories beyond this many values: the rarest count together. -#}
{%- set most_groups = 20 -%}
{%- set label -%}
    case verdicts.attribute
        {% for name, attribute in attributes.items() -%}
        when '{{ name }}' then {{ sql_text(attribute.label) }}
        {% else -%}
        when '' then ''
        {% endfor -%}
    end
{%- endset %}

with

counted as (

    {% for segmentation in var('segmentations') -%}
    {% set outer = loop -%}
    {% for name, attribute in attributes.items() -%}
    select
        '{{ segmentation }}' as segmentation,
        {{ segmentation }}_segment_id as segment_id,
        '{{ name }}' as attribute,
        {{ attribute.group }} as stated_group,
        count(*) as customers
    from {{ ref('customer_scores') }}
    where {{ segmentation }}_segment_id is not null
    group by {{ segmentation }}_segment_id, {{ attribute.group }}
    {{ 'union all' if not (loop.last and outer.last) }}
    {% endfor -%}
    {% endfor %}
    {%- if not attributes -%}
    select
        cast(null as {{ dbt.type_string() }}) as segmentation,
        cast(null as integer) as segment_id,
        cast(null as {{ dbt.type_string() }}) as attribute,
        cast(null as {{ dbt.type_string() }}) as stated_group,
        cast(null as bigint) as customers
    where false
    {%- endif %}

),

ranked_groups as (

    select
        segmentation,
        attribute,
        stated_group,
        row_number() over (
            partition by segmentation, attribute
            order by case when stated_group is null then 1 else 0 end, sum(customers) desc, stated_group
        ) as group_rank,
        count(stated_group) over (partition by segmentation, attribute) as stated_groups
    from counted
    group by segmentation, attribute, stated_group

),

group_names as (

    select
        segmentation,
        attribute,
        stated_group,
        case
            when stated_group is null then 'not stated'
            when stated_groups > {{ most_groups }} and group_rank >= {{ most_groups }} then 'other'
            else stated_group
        end as group_name
    from ranked_groups

),

grouped as (

    select
        counted.segmentation,
        counted.segment_id,
        counted.attribute,
        group_names.group_name,
        max(case when counted.stated_group is null then 0 else 1 end) as is_stated,
        sum(counted.customers) as customers
    from counted
    inner join group_names
        on
            counted.segmentation = group_names.segmentation
            and counted.attribute = group_names.attribute
            and (
                counted.stated_group = group_names.stated_group
                or (counted.stated_group is null and group_names.stated_group is null)
            )
    group by counted.segmentation, counted.segment_id, counted.attribute, group_names.group_name

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

named_audiences as (

    select
        segmentation,
        audience_kind,
        audience,
        max(priority) as priority,
        max(objective) as objective
    from audiences
    group by segmentation, audience_kind, audience

),

audience_groups as (

    select
        members.segmentation,
        members.audience_kind,
        members.audience,
        grouped.attribute,
        grouped.group_name,
        sum(grouped.customers) as customers
    from (
        select distinct
            segmentation,
            segment_id,
            audience_kind,
            audience
        from audiences
    ) as members
    inner join grouped
        on members.segmentation = grouped.segmentation and members.segment_id = grouped.segment_id
    group by
        members.segmentation, members.audience_kind, members.audience,
        grouped.attribute, grouped.group_name

),

all_groups as (

    select
        segmentation,
        attribute,
        group_name,
        max(is_stated) as is_stated,
        sum(customers) as customers_of_all,
        sum(case when max(is_stated) = 1 then sum(customers) end) over (
            partition by segmentation, attribute
        ) as stated_of_all,
        sum(max(is_stated)) over (partition by segmentation, attribute) as stated_groups
    from grouped
    group by segmentation, attribute, group_name

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
        all_groups.is_stated,
        all_groups.customers_of_all,
        all_groups.stated_of_all,
        all_groups.stated_groups,
        coalesce(audience_groups.customers, 0) as customers,
        sum(coalesce(audience_groups.customers * all_groups.is_stated, 0)) over (
            partition by
                named_audiences.segmentation, named_audiences.audience_kind, named_audiences.audience,
                all_groups.attribute
        ) as stated
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
        case when is_stated = 1 then cast(customers as {{ type_double() }}) / nullif(stated, 0) end as share,
        case when is_stated = 1 then cast(customers_of_all as {{ type_double() }}) / stated_of_all end as share_of_all
    from completed

),

-- The groups that the audience has more of, compared in whole numbers, so that equal shares are equal.
preferred as (

    select
        segmentation,
        audience_kind,
        audience,
        attribute,
        max(stated) as stated,
        max(stated_of_all) as stated_of_all,
        max(stated_groups) as stated_groups,
        sum(customers) - max(stated) as not_stated,
        sum(case when is_preferred then customers else 0 end) * 1e0 / nullif(max(stated), 0) as preferred_share,
        sum(case when is_preferred then customers_of_all else 0 end) * 1e0 / max(stated_of_all)
            as preferred_share_of_all
    from (
        select
            *,
            is_stated = 1 and customers * stated_of_all > customers_of_all * stated as is_preferred
        from shared
    ) as marked
    group by segmentation, audience_kind, audience, attribute

),

limited as (

    select
        *,
        coalesce(preferred_share - preferred_share_of_all, 0) as mix_difference,
        coalesce(
            least(1e0, preferred_share_of_all * stated_of_all / nullif(stated, 0)) - preferred_share_of_all, 0
        ) as largest_difference
    from preferred

),

-- An action for one segment is the same audience as the segment, and no further chance of a false alarm.
families as (

    select count(*) as tests
    from (
        select distinct
            segmentation,
            attribute,
            stated,
            preferred_share
        from preferred
    ) as different_audiences

),

tried as (

    select
        limited.*,
        families.tests
    from limited
    cross join families

),

surprises as (

    select
        *,
        case
            when largest_difference > 0 then least(1e0, mix_difference / largest_difference) else 0e0
        end as relative_difference,
        case
            when mix_difference > 0
                then
                    stated * (
                        preferred_share * ln(preferred_share / preferred_share_of_all)
                        + case
                            when preferred_share < 1
                                then (1 - preferred_share) * ln((1 - preferred_share) / (1 - preferred_share_of_all))
                            else 0
                        end
                    ) > ln(greatest(power(2e0, stated_groups) - 2, 1) * tests / {{ false_alarms }})
            else false
        end as is_beyond_chance
    from tried

),

-- What a segmentation clusters on is uneven by design, but only where it does something.
designs as (

    {% for name, attribute in attributes.items() -%}
    select
        segmentation,
        '{{ name }}' as attribute,
        min(case when is_without_effect then 1 else 0 end) = 1 as is_without_effect
    from {{ ref('feature_effects') }}
    where feature in ('{{ attribute.features | join("', '") }}') -- noqa: LT05
    group by segmentation
    {{ 'union all' if not loop.last }}
    {% endfor %}
    {%- if not attributes -%}
    select
        cast(null as {{ dbt.type_string() }}) as segmentation,
        cast(null as {{ dbt.type_string() }}) as attribute,
        false as is_without_effect
    where false
    {%- endif %}

),

verdicts as (

    select
        surprises.*,
        surprises.relative_difference > {{ var('fairness_limit') }} and surprises.is_beyond_chance as is_uneven,
        coalesce(not designs.is_without_effect, false) as is_by_design,
        coalesce(designs.is_without_effect, false) as is_design_without_effect
    from surprises
    left join designs
        on surprises.segmentation = designs.segmentation and surprises.attribute = designs.attribute

),

ranked as (

    select
        *,
        row_number() over (
            partition by segmentation, audience_kind, audience, attribute
            order by share - share_of_all desc nulls last, group_name
        ) as excess_rank
    from shared

),

foremost as (

    select
        segmentation,
        audience_kind,
        audience,
        attribute,
        group_name,
        share,
        share_of_all
    from ranked
    where excess_rank = 1

),

worded as (

    select
        verdicts.*,
        case
            when verdicts.stated = 0 then 'Nobody in this audience states ' || {{ label }} || '.'
            else
                case
                    when verdicts.is_uneven and verdicts.is_by_design then 'Uneven by design: '
                    when verdicts.is_uneven and verdicts.attribute in {{ accepted }}
                        then 'Uneven, as the project accepts: '
                    when verdicts.is_uneven then 'Look before sending: '
                    when verdicts.is_beyond_chance then 'Within the limit: '
                    else 'Chance may explain it: '
                end
                || foremost.group_name || ' are ' || {{ plain_text('100 * foremost.share', 0) }} || ' % against '
                || {{ plain_text('100 * foremost.share_of_all', 0) }} || ' % of all customers, '
                || {{ plain_text('100 * verdicts.relative_difference', 0) }}
                || ' % of the most that the mix can differ.'
        end
        || case
            when verdicts.stated > 0 and verdicts.not_stated > 0
                then ' Without the '
                    || {{ plain_text('100e0 * verdicts.not_stated / (verdicts.stated + verdicts.not_stated)') }}
                    || ' % who do not state ' || {{ label }} || '.'
            else ''
        end
        || case
            when verdicts.is_by_design then ' The segmentation clusters on ' || {{ label }} || '.'
            when verdicts.is_design_without_effect
                then ' The segmentation clusters on ' || {{ label }} || ', but that moves under 1 % of customers.'
            else ''
        end as reading
    from verdicts
    inner join foremost
        on
            verdicts.segmentation = foremost.segmentation
            and verdicts.audience_kind = foremost.audience_kind
            and verdicts.audience = foremost.audience
            and verdicts.attribute = foremost.attribute

),

fairness as (

    select
        ---------- ids
        shared.segmentation,
        shared.audience_kind,
        shared.audience,
        shared.attribute,
        shared.group_name,

        ---------- the action, where the audience is one's
        cast(shared.priority as integer) as priority,
        shared.objective,

        ---------- the group in the audience and among all customers who state it
        cast(shared.customers as bigint) as customers,
        {{ significant('shared.share') }} as share,
        {{ significant('shared.share_of_all') }} as share_of_all,

        ---------- verdict on the attribute, equal on every row of an audience and attribute
        {{ significant('worded.mix_difference') }} as mix_difference,
        {{ significant('worded.largest_difference') }} as largest_difference,
        {{ significant('worded.relative_difference') }} as relative_difference,
        worded.is_beyond_chance,
        worded.is_uneven,
        worded.is_by_design,
        worded.is_uneven and not worded.is_by_design and worded.attribute not in {{ accepted }}
            as is_past_limit,
        worded.reading
    from shared
    inner join worded
        on
            shared.segmentation = worded.segmentation
            and shared.audience_kind = worded.audience_kind
            and shared.audience = worded.audience
            and shared.attribute = worded.attribute

)

select * from fairness
