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

        ---------- what it is called today
        segments.segment_name,
        segments.value_rank
    from terms
    inner join segments
        on
            terms.segmentation = segments.segmentation
            and (
                lower(terms.segments) = 'all'
                or {{ dbt.position("';' || segments.segment_name || ';'", 'terms.listed') }} > 0
                or {{ dbt.position("';' || segments.base_name || ';'", 'terms.listed') }} > 0
            )

)

select * from chosen
