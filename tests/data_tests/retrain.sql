-- Warns where today's customers differ from those a champion was trained on by more than the var `drift_limits`
-- allows. Build with training (no `--selector score`, no `freeze_training`, no pinned version), or see why the
-- challenger was refused. A segmentation by rule takes new cut points where its `cuts` has another word.
{{ config(severity='warn') }}

select
    segmentation,
    feature,
    reading
from {{ ref('segment_drift') }}
where needs_retraining
