-- What was agreed for each campaign, typed, with what is wrong with it in a sentence.
{%- set segmentations = "'" ~ var('segmentations') | join("', '") ~ "'" %}
{%- set types = {
    'segmentation': 'text', 'action': 'text', 'starts_on': 'day', 'ends_on': 'day', 'holdout_share': 'number',
    'priority': 'number', 'budget': 'number', 'cost_per_contact': 'number',
} %}
{%- set marks = {'is_approved': 'yes or no', 'is_simulated': 'yes or no'} %}

with

campaigns as (

    select
        coalesce({{ typed_cell('campaign', 'text') }}, '') as campaign,
        coalesce({{ typed_cell('segments', 'text') }}, 'all') as segments,
        {% for column, type in types.items() -%}
        {{ typed_cell(column, type) }} as {{ column }},
        {% endfor -%}
        {% for column, type in marks.items() -%}
        coalesce({{ typed_cell(column, type) }}, false) as {{ column }},
        {% endfor -%}
        {{ unreadable_cells(dict(types, **marks)) }} as unreadable_columns
    from {{ campaign_relation('campaigns_table', ref('campaigns')) }}

),

-- Of several with one name the first is kept, to say so of it; none of them is run.
applicable as (

    select
        *,
        count(*) over (partition by campaign) as namesakes,
        row_number() over (partition by campaign order by priority, starts_on, segmentation, segments) as namesake
    from campaigns
    {% if not are_demo_customers() and not var('campaigns_table') -%}
    where not is_simulated
    {%- endif %}

),

known as (

    select observed_on as known_on
    from {{ ref('campaign_observations') }}
    {% if has_purchases() -%}
    union all
    select as_of as known_on
    from {{ ref('as_of_day') }}
    {%- endif %}

),

today as (

    -- An aggregate, because there is a day even while there are no outcomes.
    select
        coalesce(
            cast({{ sql_text(var('as_of') | string) if var('as_of') else 'null' }} as date), max(known_on)
        ) as as_of
    from known

),

checked as (

    select
        applicable.*,
        today.as_of,
        case
            when applicable.campaign = '' then 'It has no name.'
            when applicable.unreadable_columns != ''
                then
                    'These columns of it cannot be read: ' || applicable.unreadable_columns
                    || '. Write numbers as in 1250.5, days as in 2026-11-25, and true or false.'
            when applicable.namesakes > 1 then 'Another campaign has the same name.'
            when coalesce(applicable.segmentation, '') not in ({{ segmentations }})
                then 'The var segmentations has no such segmentation.'
            when coalesce(applicable.ends_on < applicable.starts_on, true)
                then 'It needs a first day and a last day, and the last may not come before the first.'
            when applicable.holdout_share is null or applicable.holdout_share <= 0 or applicable.holdout_share >= 1
                then 'Its hold-out share has to lie between 0 and 1.'
            when applicable.cost_per_contact is null or applicable.cost_per_contact < 0 or applicable.budget < 0
                then 'It needs a cost per contact, and neither that nor the budget may be negative.'
            when applicable.priority is null or applicable.priority != floor(applicable.priority)
                then 'It needs a priority that is a whole number; 1 comes first.'
        end as problem
    from applicable
    cross join today
    where applicable.namesake = 1

),

timed as (

    select
        *,
        case
            when as_of is null or as_of < starts_on then 'planned'
            when as_of <= ends_on then 'running'
            else 'ended'
        end as status
    from checked

),

terms as (

    select
        ---------- ids
        campaign,
        segmentation,

        ---------- what is done to whom
        segments,
        action,
        starts_on,
        ends_on,
        cast(priority as integer) as priority,
        is_approved,
        is_simulated,

        ---------- what it costs and how it is measured
        holdout_share,
        budget,
        cost_per_contact,

        ---------- where it stands
        as_of,
        status,
        problem,
        -- Arms drawn after the end would measure nothing. The outcomes of a simulated campaign are made for the arms.
        problem is null and (status != 'ended' or is_simulated) as is_open,
        cast(row_number() over (
            order by is_approved desc, priority, starts_on, campaign
        ) as integer) as campaign_position
    from timed

)

select * from terms
