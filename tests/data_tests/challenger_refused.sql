-- Warns while the latest model of a segmentation fails a gate and an earlier one scores the customers. `verdict` says
-- why. Give it better data, fix `n_clusters`, or move the var `gates`.
{{ config(severity='warn') }}

select
    segmentation,
    model_version,
    verdict
from {{ ref('segmentation_models') }}
where is_latest and not passes_gates and not is_champion
