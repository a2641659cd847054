select
    row_number() over (order by member) as source_row_number,
    'C' || member as customer_id,
    cast(visits as {{ mall_segments.type_double() }}) as visits,
    cast(basket as {{ mall_segments.type_double() }}) as basket_value,
    '' as unreadable_columns,
    '' as out_of_range_columns,
    false as has_fewer_cells,
    cast(null as {{ dbt.type_string() }}) as rejection_reason,
    cast(null as {{ dbt.type_string() }}) as source_values
from {{ ref('members') }}
