-- Warns of campaigns that are not run as they stand, and says why; and of segments a campaign names that are not there.
{{ config(severity='warn') }}

with

terms as (

    select
        *,
        ';' || replace(segments, '; ', ';') || ';' as listed
    from {{ ref('campaign_terms') }}

),

found as (

    select
        terms.campaign,
        count(distinct case
            when {{ dbt.position("';' || segments.segment_name || ';'", 'terms.listed') }} > 0
                then segments.segment_name
            else segments.base_name
        end) as segments
    from terms
    inner join {{ ref('campaign_segments') }} as chosen on terms.campaign = chosen.campaign
    inner join {{ ref('segments') }} as segments
        on chosen.segmentation = segments.segmentation and chosen.segment_id = segments.segment_id
    group by terms.campaign

)

select
    terms.campaign,
    coalesce(
        terms.problem, 'It names segments that are not there: ' || terms.segments
    ) as problem
from terms
left join found on terms.campaign = found.campaign
where
    terms.problem is not null
    or (
        lower(terms.segments) != 'all'
        and coalesce(found.segments, 0) < 1 + length(terms.segments) - length(replace(terms.segments, ';', ''))
    )
