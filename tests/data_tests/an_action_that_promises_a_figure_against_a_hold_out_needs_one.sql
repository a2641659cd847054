select
    action_id,
    kpi,
    needs_holdout
from {{ ref('marketing_actions') }}
where needs_holdout != (lower(kpi) like '%hold-out%')
