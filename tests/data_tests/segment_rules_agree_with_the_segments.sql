-- Warns where the rules of a segmentation, run as they are on every customer, place fewer customers right than they did
-- on the training sample: by over 0.02. Customers with imputed values are not in the sample; where they are many, read
-- the rules as a summary.
{{ config(severity='warn') }}
{%- set rules -%}
    select
        segmentation,
        segment_id,
        rule_sql,
        agreement
    from {{ ref('segment_rules') }}
    where rule_sql is not null
    order by segmentation, segment_id, rule_number
{%- endset -%}
{#- Nothing to run where the warehouse is still empty, as for `dbt compile`. -#}
{%- set found = run_query(rules).rows if execute and load_relation(ref('segment_rules')) else [] %}

with

placed as (

    {% for segmentation in var('segmentations') -%}
    select
        '{{ segmentation }}' as segmentation,
        {{ segmentation }}_segment_id as segment_id,
        case
            {% for rule in found if rule[0] == segmentation -%}
            when {{ rule[2] }} then {{ rule[1] }}
            {% endfor -%}
            when 1 = 0 then 0
        end as ruled_segment_id
    from {{ ref('customers') }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

counted as (

    select
        segmentation,
        avg(case when segment_id = ruled_segment_id then 1.0 else 0.0 end) as agreement
    from placed
    where segment_id is not null
    group by segmentation

),

stated as (

    select
        segmentation,
        max(agreement) as agreement
    from {{ ref('segment_rules') }}
    group by segmentation

)

select
    stated.segmentation,
    stated.agreement as stated_agreement,
    counted.agreement
from stated
inner join counted on stated.segmentation = counted.segmentation
where counted.agreement < stated.agreement - 0.02
