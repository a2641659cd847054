-- Warns of campaigns that are not run, drawn or measured as one would think. Each warning is a sentence.
{{ config(severity='warn') }}
{%- set doubts -%}
    select 'Campaign ' || campaign || ' is not run as it stands. ' || problem as warning
    from {{ ref('campaign_terms') }}
    where problem is not null

    union all

    select
        'Campaign ' || terms.campaign || ' names segments that are not there, and goes on without them: '
        || terms.segments as warning
    from {{ ref('campaign_terms') }} as terms
    left join (
        select
            campaign,
            count(distinct listed_as) as segments
        from {{ ref('campaign_segments') }}
        group by campaign
    ) as found on terms.campaign = found.campaign
    where
        terms.problem is null
        and lower(terms.segments) != 'all'
        and coalesce(found.segments, 0) < 1 + length(terms.segments) - length(replace(terms.segments, ';', ''))

    union all

    select
        'Campaign ' || terms.campaign || ' has another hold-out share today than when its arms were drawn, and goes on '
        || 'with the old one; a new share takes a new campaign.' as warning
    from {{ ref('campaign_terms') }} as terms
    inner join {{ ref('campaign_assignments') }} as assignments on terms.campaign = assignments.campaign
    group by terms.campaign, terms.holdout_share
    having max(assignments.holdout_share) != terms.holdout_share

    union all

    select
        'Outcomes of campaign ' || observations.campaign || ' are left out, because nobody drew these customers into an '
        || 'arm of it: ' || cast(count(*) as {{ dbt.type_string() }}) as warning
    from {{ ref('campaign_observations') }} as observations
    left join {{ ref('campaign_assignments') }} as assignments
        on
            observations.campaign = assignments.campaign
            and observations.customer_id = assignments.customer_id
    where assignments.customer_id is null
    group by observations.campaign

    union all

    select
        'Campaign ' || campaign || ', ' || segment_name || ': the customers measured are not parted as they were drawn. '
        || 'Find out whose outcomes are missing before anything is read off.' as warning
    from {{ ref('campaign_results') }}
    where not is_ratio_as_drawn
    {%- if has_purchases() %}

    union all

    select
        'Campaign ' || terms.campaign || ' is over and has no result: no outcome of it is reported, and no purchase of a '
        || 'later day is known, from which its outcomes could be read.' as warning
    from {{ ref('campaign_terms') }} as terms
    inner join (
        select distinct campaign from {{ ref('campaign_assignments') }}
    ) as drawn on terms.campaign = drawn.campaign
    left join (
        select distinct campaign from {{ ref('campaign_results') }}
    ) as measured on terms.campaign = measured.campaign
    where terms.problem is null and terms.status = 'ended' and measured.campaign is null
    {%- endif %}
{%- endset -%}
{%- do warn_of(doubts) -%}

{{ doubts }}
