{# The customers whose values statistics are taken of, drawn by hash where there are more than `training_sample_rows`.
   It stands in a model whose `totals` has the number of all `customers`. #}
{% macro statistics_sample() -%}
    select customers.*
    from {{ ref('observed_features') }} as customers
    cross join totals
    where
        {{ hash_fraction("customers.customer_id || ' statistics " ~ var('random_seed') ~ "'") }}
        < {{ var('training_sample_rows') }} * 1e0 / totals.customers
{%- endmacro %}
