-- Where should the next budget go?
-- Proven profit first, by its lower bound, and a share to find out what is not known yet.
select
    segment_name,
    action,
    purpose,
    contacts,
    amount
from {{ ref('next_budget') }}
where contacts > 0
order by amount desc, segment_name, action
