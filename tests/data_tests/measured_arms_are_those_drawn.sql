-- Warns where the customers measured are parted otherwise than those drawn (sample-ratio mismatch): outcomes of one
-- arm are missing, and what is left does not compare.
{{ config(severity='warn') }}

select
    campaign,
    segment_name,
    measured_treatment,
    measured_holdout,
    ratio_p_value
from {{ ref('campaign_results') }}
where not is_ratio_as_drawn
