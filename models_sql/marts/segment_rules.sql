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
        segments.segment_key,
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

){% if has_rules() %},

-- By rule the groups are what the rules say, so each holds for everybody.
{%- for segmentation in segmentations_by('rules') %}
{%- set recency = recency_feature(segmentation) %}
{%- set others = segmentation_numbers(segmentation) | reject('equalto', recency) | list %}
{#- A feature that check_vars is about to refuse must not fail here first. -#}
{%- set labels = [] %}
{%- for feature in [recency] + others %}
{%- do labels.append(numeric_features().get(feature, {'label': feature}).label) %}
{%- endfor %}
{%- set recency_score = segmentation ~ '_' ~ recency ~ '_score' %}
{%- set other_scores = segmentation ~ '_' ~ others | join('_score + ' ~ segmentation ~ '_') ~ '_score' %}
{%- set count = others | length %}

{{ segmentation }}_scores as (

    select
        {{ recency_score }} as recency_score,
        {{ other_scores }} as other_scores,
        count(*) as customers
    from {{ ref('customer_scores') }}
    group by {{ recency_score }}, {{ other_scores }}

),

-- A mean, a half of it rounded up, lies in a range where the sum lies in these bounds.
{{ segmentation }}_bounds as (

    select
        rules.*,
        {{ count }} * rules.frequency_money_from - {{ count - 1 }} as other_scores_from,
        {{ count }} * rules.frequency_money_to as other_scores_to,
        row_number() over (
            partition by rules.segment_id
            order by rules.recency_from desc, rules.frequency_money_from desc
        ) as rule_number
    from {{ ref('trained_rules') }} as rules
    inner join champions
        on rules.segmentation = champions.segmentation and rules.model_version = champions.model_version
    where rules.segmentation = '{{ segmentation }}'

),

{{ segmentation }}_rules as (

    select
        bounds.segmentation,
        bounds.segment_id,
        segments.segment_key,
        segments.segment_name,
        cast(bounds.rule_number as integer) as rule_number,
        '{{ recency_score }} between ' || bounds.recency_from || ' and ' || bounds.recency_to
        || ' and {{ other_scores }} between ' || bounds.other_scores_from || ' and ' || bounds.other_scores_to
            as rule_sql,
        {{ sql_text('score of ' ~ labels[0] ~ ' ') }}
        || case when bounds.recency_from = bounds.recency_to then '' else bounds.recency_from || ' to ' end
        || bounds.recency_to
        || {{ sql_text(', of ' ~ labels[1:] | join(' and ') ~ (' on average ' if count > 1 else ' ')) }}
        || case
            when bounds.frequency_money_from = bounds.frequency_money_to then ''
            else bounds.frequency_money_from || ' to '
        end || bounds.frequency_money_to as rule_words,
        cast(1 as {{ type_double() }}) as rule_precision,
        {{ significant('(coalesce(sum(scores.customers), 0) * 1e0 / segments.customers)') }} as rule_coverage,
        cast(1 as {{ type_double() }}) as agreement
    from {{ segmentation }}_bounds as bounds
    inner join {{ ref('segments') }} as segments
        on bounds.segmentation = segments.segmentation and bounds.segment_id = segments.segment_id
    left join {{ segmentation }}_scores as scores
        on
            scores.recency_score between bounds.recency_from and bounds.recency_to
            and scores.other_scores between bounds.other_scores_from and bounds.other_scores_to
    group by
        bounds.segmentation, bounds.segment_id, bounds.rule_number, bounds.recency_from, bounds.recency_to,
        bounds.frequency_money_from, bounds.frequency_money_to, bounds.other_scores_from, bounds.other_scores_to,
        segments.segment_key, segments.segment_name, segments.customers

),
{% endfor %}

ruled as (

    {% for segmentation in segmentations_by('rules') -%}
    select
        *,
        upper(substr(rule_words, 1, 1)) || substr(rule_words, 2) || '.' as reading
    from {{ segmentation }}_rules
    {{ 'union all' if not loop.last }}
    {% endfor %}

)

select * from worded
union all
select * from ruled
{%- else %}

select * from worded
{%- endif %}
