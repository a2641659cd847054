{# Quantiles of `value` for every combination of `keys`, a column each: exact, interpolated between the two nearest
   values (Hyndman and Fan's type 7, as numpy does), and in memory that does not grow with the rows. `values` is a
   query of `keys`, `value` and `bin`, a number that grows with the value; `fractions` names the columns, as in
   {'median': '5e-1'}. Rows are counted per bin; only the values of the bins that hold a quantile are then counted one
   by one. #}
{% macro quantiles(keys, values, fractions) -%}
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

    -- A quantile between two values needs both, and they may lie in different bins.
    quantile_bins as (

        select
            {{ key }},
            bin,
            all_rows,
            rows_so_far - rows_in as rows_before
        from reached
        where
            {% for fraction in fractions.values() -%}
            (
                rows_so_far > floor((all_rows - 1) * {{ fraction }})
                and rows_so_far - rows_in <= ceil((all_rows - 1) * {{ fraction }})
            )
            {{- ' or' if not loop.last }}
            {% endfor %}

    ),

    bin_values as (

        select
            {{ key }},
            bin,
            value,
            count(*) as rows_in
        from ({{ values }}) as binned
        where value is not null and ({{ key }}, bin) in (select {{ key }}, bin from quantile_bins)
        group by {{ key }}, bin, value

    ),

    -- The first of equally many values has rank 0, so the last of those that equal `value` has rank `last_rank`.
    ranked as (

        select
            {% for name in keys -%}
            bin_values.{{ name }},
            {% endfor -%}
            bin_values.value,
            quantile_bins.all_rows,
            quantile_bins.rows_before + sum(bin_values.rows_in) over (
                partition by {% for name in keys %}bin_values.{{ name }}, {% endfor %}bin_values.bin
                order by bin_values.value
            ) - 1 as last_rank
        from bin_values
        inner join quantile_bins
            on
                {% for name in keys -%}
                bin_values.{{ name }} = quantile_bins.{{ name }} and
                {% endfor -%}
                bin_values.bin = quantile_bins.bin

    ),

    neighbors as (

        select
            {{ key }},
            {% for name, fraction in fractions.items() -%}
            min(case when last_rank >= floor((all_rows - 1) * {{ fraction }}) then value end) as {{ name }}_below,
            min(case when last_rank >= ceil((all_rows - 1) * {{ fraction }}) then value end) as {{ name }}_above,
            max((all_rows - 1) * {{ fraction }} - floor((all_rows - 1) * {{ fraction }})) as {{ name }}_part
            {{- ',' if not loop.last }}
            {% endfor %}
        from ranked
        group by {{ key }}

    )

    select
        {{ key }},
        {% for name in fractions -%}
        {{ name }}_below + ({{ name }}_above - {{ name }}_below) * {{ name }}_part as {{ name }}
        {{- ',' if not loop.last }}
        {% endfor %}
    from neighbors
{%- endmacro %}
