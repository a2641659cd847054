select sum(amount) as amount
from {{ ref('next_budget') }}
having sum(amount) > {{ var('campaigns').next_budget }}
