select
    segmentation,
    count(*) as sampled_rows
from {{ ref('training_sample') }}
group by segmentation
having count(*) > {{ var('training_sample_rows') }}
