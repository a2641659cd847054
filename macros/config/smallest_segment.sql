{# How many customers make a segment rather than a handful, as SQL: the larger of a share of all and a number, which
   small tables lower to a twentieth of theirs. The gate of the registry and the fences both go by it. #}
{% macro smallest_segment(customers) -%}
    greatest(
        1,
        least({{ var('gates').smallest_customers }}, floor({{ customers }} / 20)),
        ceil({{ var('gates').smallest_share }} * {{ customers }})
    )
{%- endmacro %}
