-- Warns while a model scores the customers that fails a gate: for want of one that passes them all, or because it is
-- pinned. `verdict` says which gate. Read its segments with doubt; give it better data, fix `n_clusters`, or move the
-- var `gates`.
{{ config(severity='warn') }}

select
    segmentation,
    model_version,
    verdict
from {{ ref('segmentation_models') }}
where is_champion and not passes_gates
