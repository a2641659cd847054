with

rules as (

    select * from {{ ref('segment_rule_trees') }}

),

champions as (

    select * from {{ ref('segmentation_models') }}
    where is_champion

),

worded as (

    select
        ---------- ids
        rules.segmentation,
        cast(rules.segment_id as integer) as segment_id,
        segments.segment_name,
        cast(rules.rule_number as integer) as rule_number,

        ---------- the rule
        rules.rule_sql,
        rules.rule_words,

        ---------- how far it holds
        {{ significant('rules.precision') }} as rule_precision,
        {{ significant('rules.coverage') }} as rule_coverage,
        {{ significant('rules.agreement') }} as agreement,

        ---------- in words
        case
            when rules.rule_words is null
                then 'No short rule tells ' || segments.segment_name || ' from the others'
            else upper(substr(rules.rule_words, 1, 1)) || substr(rules.rule_words, 2) || ': '
                || {{ plain_text('100 * rules.precision', 0) }} || ' % of these customers are '
                || segments.segment_name || ', and '
                || {{ plain_text('100 * rules.coverage', 0) }} || ' % of ' || segments.segment_name || ' are here'
        end
        || case
            when rules.agreement >= 9.7e-1 then '.'
            else '; all rules together are right for only '
                || {{ plain_text('100 * rules.agreement', 0) }} || ' % of customers, so take them as a summary.'
        end as reading
    from rules
    -- Rules of another model would name other customers.
    inner join champions
        on rules.segmentation = champions.segmentation and rules.model_version = champions.model_version
    inner join {{ ref('segments') }} as segments
        on rules.segmentation = segments.segmentation and rules.segment_id = segments.segment_id

)

select * from worded
