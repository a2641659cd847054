select sum(amount) as amount
from {{ ref('next_budget') }}
having sum(amount) > {{ settings('campaigns').next_budget }}
