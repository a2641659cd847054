-- Warns where the mix of a segment, or of those a marketing action reaches, differs from all customers' by more than
-- the var `fairness_limit` and by more than chance, though the segmentation does not cluster on that attribute or the
-- attribute does nothing there. Look whether the offer is right for those it leaves out before it is sent.
{{ config(severity='warn') }}

select distinct
    segmentation,
    audience_kind,
    audience,
    attribute,
    relative_difference,
    reading
from {{ ref('segment_fairness') }}
where is_past_limit
