{%- set limit = var('reproducible_segment') -%}
with

-- The rows of today's champions.
fits as (

    select fits.*
    from {{ ref('reliability_fits') }} as fits
    inner join {{ ref('segmentation_models') }} as models
        on
            fits.segmentation = models.segmentation
            and fits.model_version = models.model_version
            and models.is_champion

),

measured as (

    select
        *,
        coalesce(stability >= {{ limit }}, false) as is_reproducible
    from fits
    where runner_up_segment_id is null

),

reliability as (

    select
        ---------- ids
        segmentation,
        cast(model_version as integer) as model_version,
        cast(segment_id as integer) as segment_id,

        ---------- how clear
        {{ significant('silhouette') }} as silhouette,
        {{ significant('stability') }} as stability,
        is_reproducible,

        ---------- how large
        {{ significant('share_low') }} as share_low,
        {{ significant('share_high') }} as share_high,

        ---------- in words
        case
            when is_reproducible then 'Comes back in refits: '
            when stability >= 6e-1 then 'Comes back in refits only in outline: '
            else 'Does not come back in refits, so do not rely on it: '
        end
        || {{ plain_text('100 * stability', 0) }} || ' % of its customers stay together on average'
        || case
            when is_reproducible then ''
            else ', under the ' || {{ plain_text(100 * limit, 0) }} || ' % asked for'
        end
        || '; by chance alone it could hold ' || {{ plain_text('100 * share_low', 0) }} || ' to '
        || {{ plain_text('100 * share_high', 0) }} || ' % of customers.' as reading
    from measured

)

select * from reliability
