-- The segments each campaign is for. They are named in a list with semicolons, since names hold commas.
with

terms as (

    select
        *,
        ';' || replace(segments, '; ', ';') || ';' as listed
    from {{ ref('campaign_terms') }}

),

segments as (

    select * from {{ ref('segments') }}

),

chosen as (

    select
        ---------- ids
        terms.campaign,
        terms.segmentation,
        segments.segment_id,

        ---------- what it is called
        segments.segment_name,
        case
            when lower(terms.segments) = 'all' then 'all'
            when {{ dbt.position("';' || segments.segment_name || ';'", 'terms.listed') }} > 0
                then segments.segment_name
            when {{ dbt.position("';' || segments.base_name || ';'", 'terms.listed') }} > 0
                then segments.base_name
        end as listed_as
    from terms
    inner join segments on terms.segmentation = segments.segmentation

)

select * from chosen
where listed_as is not null
