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

steps as (

    select
        ---------- ids
        segmentation,
        cast(model_version as integer) as model_version,
        cast(segment_id as integer) as segment_id,
        cast(runner_up_segment_id as integer) as runner_up_segment_id,

        ---------- the step
        {{ significant('lead_from') }} as lead_from,
        {{ significant('lead_to') }} as lead_to,
        {{ significant('membership') }} as membership,
        training_rows
    from fits
    where runner_up_segment_id is not null

)

select * from steps
