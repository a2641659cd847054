{# The median of `value` for every combination of `keys`, as a query of `keys` and `median`: exact, and in memory
   that does not grow with the rows. `values` is a query of `keys`, `value` and `bin`, a number that grows with the
   value. Rows are counted per bin; only the values of the middle bin are then counted one by one. #}
{% macro medians(keys, values) -%}
    {%- set key = keys | join(', ') -%}
    with

    bins as (

        select
            {{ key }},
            bin,
            count(*) as rows_in
        from ({{ values }}) as binned
        where value is not null
        group by {{ key }}, bin

    ),

    reached as (

        select
            {{ key }},
            bin,
            sum(rows_in) over (partition by {{ key }} order by bin) as rows_so_far,
            rows_in,
            sum(rows_in) over (partition by {{ key }}) as all_rows
        from bins

    ),

    -- An even number of rows has two middle values, which may lie in different bins.
    middle_bins as (

        select
            {{ key }},
            all_rows,
            min(bin) as lower_bin,
            max(bin) as upper_bin,
            min(rows_so_far - rows_in) as rows_before
        from reached
        where 2 * rows_so_far >= all_rows and 2 * (rows_so_far - rows_in) <= all_rows
        group by {{ key }}, all_rows

    ),

    middle_values as (

        select
            {% for name in keys -%}
            middle_bins.{{ name }},
            {% endfor -%}
            middle_bins.all_rows,
            middle_bins.rows_before,
            binned.value,
            count(*) as rows_in
        from ({{ values }}) as binned
        inner join middle_bins
            on
                {% for name in keys -%}
                binned.{{ name }} = middle_bins.{{ name }} and
                {% endfor -%}
                binned.bin between middle_bins.lower_bin and middle_bins.upper_bin
        where binned.value is not null
        group by
            {% for name in keys -%}
            middle_bins.{{ name }},
            {% endfor -%}
            middle_bins.all_rows, middle_bins.rows_before, binned.value

    ),

    reached_values as (

        select
            *,
            rows_before + sum(rows_in) over (partition by {{ key }} order by value) as rows_so_far
        from middle_values

    )

    select
        {{ key }},
        (
            min(case when 2 * rows_so_far >= all_rows then value end)
            + min(case when 2 * rows_so_far > all_rows then value end)
        ) / 2 as median
    from reached_values
    group by {{ key }}
{%- endmacro %}
