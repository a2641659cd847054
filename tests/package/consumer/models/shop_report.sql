select count(*) as members
from {{ ref('members') }}
