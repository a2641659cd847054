{# A text as a double; null where it is no number. #}
{% macro try_number(text) -%}
    {{ return(adapter.dispatch('try_number', 'mall_segments')(text)) }}
{%- endmacro %}

{% macro default__try_number(text) -%}
    try_cast({{ text }} as {{ type_double() }})
{%- endmacro %}

{# What DuckDB reads: digits may be parted by underscores, and Java's own endings, as in 15d, are no part of it. #}
{% macro spark__try_number(text) -%}
    {%- set cell = 'cast(' ~ text ~ ' as string)' -%}
    case
        when
            (
                {{ cell }} rlike
                '^\\s*[-+]?([0-9]+(_[0-9]+)*[.]?|[.][0-9])[0-9_]*([eE][-+]?[0-9][0-9_]{0,3})?\\s*$'
                and not {{ cell }} rlike '_([^0-9]|$)|[^0-9]_'
            )
            or {{ cell }} rlike '(?i)^\\s*([-+]?inf(inity)?|nan)\\s*$'
            then try_cast(replace({{ cell }}, '_', '') as double)
    end
{%- endmacro %}

{# What DuckDB reads, looked at as an exact number first, since PostgreSQL has no cast that fails to null: digits may be
   parted by underscores, and what no double holds is infinite or 0. `offset 0` keeps PostgreSQL from writing the steps
   into each other. #}
{% macro postgres__try_number(text) -%}
    (
        select
            case
                when cell.value ~* '^\s*([-+]?inf(inity)?|nan)\s*$' then cast(cell.value as double precision)
                when abs(exact.value) >= 1.797693134862315808e308
                    then sign(exact.value) * cast('infinity' as double precision)
                when abs(exact.value) < 2.5e-324 and exact.value != 0 then cast(0 as double precision)
                else cast(written.digits as double precision)
            end
        from (select cast({{ text }} as text) as value offset 0) as cell
        cross join lateral (
            select
                case
                    when
                        cell.value ~ '^\s*[-+]?([0-9]+(_[0-9]+)*[.]?|[.][0-9])[0-9_]*([eE][-+]?[0-9][0-9_]{0,3})?\s*$'
                        and cell.value !~ '_([^0-9]|$)|[^0-9]_'
                        and length(cell.value) < 1000
                        then replace(cell.value, '_', '')
                end as digits
            offset 0
        ) as written
        cross join lateral (select cast(written.digits as numeric) as value offset 0) as exact
    )
{%- endmacro %}
