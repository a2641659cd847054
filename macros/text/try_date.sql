{# A text such as 2026-11-29 as a date; null where there is no such day. #}
{% macro try_date(text) -%}
    {{ return(adapter.dispatch('try_date', 'mall_segments')(text)) }}
{%- endmacro %}

{% macro default__try_date(text) -%}
    try_cast({{ text }} as date)
{%- endmacro %}

{# The day before the first of the next month is the last that there is. #}
{% macro postgres__try_date(text) -%}
    (
        select
            case
                when
                    month_begins.day is not null
                    and split_part(cell.value, '-', 3)::integer
                    between 1 and extract(day from month_begins.day + interval '1 month - 1 day')
                    then month_begins.day + split_part(cell.value, '-', 3)::integer - 1
            end
        from (select cast({{ text }} as text) as value offset 0) as cell
        cross join lateral (
            select
                case
                    when cell.value ~ '^[0-9]{4}-0?([1-9]|1[0-2])-[0-9]{1,2}$' and cell.value !~ '^0000'
                        then make_date(split_part(cell.value, '-', 1)::integer, split_part(cell.value, '-', 2)::integer, 1)
                end as day
            offset 0
        ) as month_begins
    )
{%- endmacro %}
