{{ config(enabled=has_rules()) }}
-- What is wrong with the seed `rfm_groups`, a sentence a row: whatever its scores, a customer has to be in one group.
{%- set scores = range(1, best_score() + 1) %}
with

groups as (

    select * from {{ ref('rfm_groups') }}

),

cells as (

    {% for recency in scores -%}
    {% set outer = loop -%}
    {% for frequency in scores -%}
    {% set middle = loop -%}
    {% for money in scores -%}
    select
        {{ recency }} as recency,
        {{ frequency }} as frequency,
        {{ money }} as money
    {{ 'union all' if not (loop.last and middle.last and outer.last) }}
    {% endfor -%}
    {% endfor -%}
    {% endfor %}

),

-- With money and without it.
averaged as (

    select
        recency,
        frequency,
        money,
        floor((frequency + money) / 2e0 + 5e-1) as frequency_money
    from cells

    union all

    select
        recency,
        frequency,
        cast(null as integer) as money,
        frequency as frequency_money
    from cells
    where money = 1

),

faults as (

    select
        'The scores of recency ' || averaged.recency || ', frequency ' || averaged.frequency
        || coalesce(' and money ' || averaged.money, '') || ' are in ' || count(groups.segment_id) || ' rows.' as fault
    from averaged
    left join groups
        on
            averaged.recency between groups.recency_from and groups.recency_to
            and averaged.frequency_money between groups.frequency_money_from and groups.frequency_money_to
    where exists (select any_group.segment_id from groups as any_group)
    group by averaged.recency, averaged.frequency, averaged.money
    having count(groups.segment_id) != 1

    union all

    select 'A group lacks its number, its name, a score, its description or whether it may grow.' as fault
    from groups
    where
        segment_id is null or segment_name is null or recency_from is null or recency_to is null
        or frequency_money_from is null or frequency_money_to is null or may_grow is null or description is null

    union all

    select 'The group ' || segment_id || ' is not the same in all its rows.' as fault
    from groups
    group by segment_id
    having count(distinct segment_name) > 1 or count(distinct description) > 1 or count(distinct may_grow) > 1

    union all

    select 'Two groups have the name ' || segment_name || '.' as fault
    from groups
    group by segment_name
    having count(distinct segment_id) > 1

)

select * from faults
