-- The extremes of each feature say it for every customer.
with

ranges as (

    {% for name, column in numeric_ranges().items() -%}
    select
        '{{ name }}' as feature,
        cast({{ column.min if column.min is not none else 'null' }} as {{ type_double() }}) as valid_minimum,
        cast({{ column.max if column.max is not none else 'null' }} as {{ type_double() }}) as valid_maximum
    {{ 'union all' if not loop.last }}
    {% endfor %}

)

select
    statistics.feature,
    statistics.minimum,
    statistics.maximum
from {{ ref('feature_statistics') }} as statistics
inner join ranges on statistics.feature = ranges.feature
where statistics.minimum < ranges.valid_minimum or statistics.maximum > ranges.valid_maximum
