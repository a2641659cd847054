{# How the texts of a source are read, as a query of the columns of `column_readings`: each column of each file in one
   way. `columns` is what the source calls them; `numbers` and `dates` are those whose texts may leave a choice, with
   their settings, `ids` those that may have gone through a program for numbers. #}
{% macro readings(source, facts, columns, numbers, dates, ids, var_name) %}
-- Marks of decimals are looked for only where there is a dot or a comma, and only as long as a cast leaves a doubt.
with

source as (

    select
        {{ facts.source_file }} as source_file,
        {{ facts.file_has_semicolons }} as file_has_semicolons
        {%- for name in ids + numbers.keys() | list + dates.keys() | list %},
        {{ quoted(columns[name].header) }} as {{ name }}__source
        {%- endfor %}
    from {{ source }}

),

spelled as (

    select
        *
        {%- for name in numbers %},
        case
            when {{ name }}__source not like '%,%' and {{ name }}__source not like '%.%' then null
            when
                {{ name }}__source not like '%,%'
                and {{ name }}__source not like '%.___'
                and {{ try_number(name ~ '__source') }} is not null
                then '.5'
            else {{ number_text(name ~ '__source') }}
        end as {{ name }}__text
        {%- endfor %}
        {%- for name in dates %},
        {{ date_order(trimmed(name ~ '__source')) }} as {{ name }}__mark
        {%- endfor %}
        {%- for name in ids %},
        {{ is_total_name(name ~ '__source') }} as {{ name }}__is_total,
        case
            when {{ name }}__source like '%_.0' then trim({{ name }}__source)
            when not {{ is_total_name(name ~ '__source') }} then {{ clean_text('trim(' ~ name ~ '__source)') }}
        end as {{ name }}__id
        {%- endfor %}
    from source
    {{ kept_apart() }}

),

{{ number_marks(numbers) }},

counted as (

    select
        source_file,
        max(case when file_has_semicolons then 1 else 0 end) = 1 as file_has_semicolons
        {%- for name in ids %},
        count({{ name }}__id) as {{ name }}__cells,
        sum(case when {{ name }}__id like '%_.0' then 1 else 0 end) as {{ name }}__empty_decimals,
        sum(case when {{ name }}__is_total then 1 else 0 end) as {{ name }}__totals
        {%- endfor %}
        {%- for name in numbers %},
        sum(case when {{ name }}__mark = '.' then 1 else 0 end) as {{ name }}__default,
        sum(case when {{ name }}__mark = ',' then 1 else 0 end) as {{ name }}__other,
        sum(case when {{ name }}__mark = '?' then 1 else 0 end) as {{ name }}__undecided
        {%- endfor %}
        {%- for name in dates %},
        sum(case when {{ name }}__mark = 'month' then 1 else 0 end) as {{ name }}__default,
        sum(case when {{ name }}__mark = 'day' then 1 else 0 end) as {{ name }}__other,
        sum(case when {{ name }}__mark = '?' then 1 else 0 end) as {{ name }}__undecided
        {%- endfor %}
    from marked
    group by source_file

),

-- The default of a file without semicolons is the decimal point, and the month before the day.
by_column as (

    {% for name, column in numbers.items() -%}
    {%- set stated = {'comma': 'true', 'point': 'false'}.get(column.decimal, 'cast(null as boolean)') -%}
    select
        source_file,
        file_has_semicolons,
        '{{ name }}' as column_name,
        'number' as column_type,
        {{ name }}__default as default_cells,
        {{ name }}__other as other_cells,
        {{ name }}__undecided as undecided_cells,
        {{ stated }} as stated_other,
        cast(0 as bigint) as total_rows
    from counted
    union all
    {% endfor -%}
    {% for name, column in dates.items() -%}
    {%- set stated = {'True': 'true', 'False': 'false'}.get(column.day_first | string, 'cast(null as boolean)') -%}
    select
        source_file,
        file_has_semicolons,
        '{{ name }}' as column_name,
        'date' as column_type,
        {{ name }}__default as default_cells,
        {{ name }}__other as other_cells,
        {{ name }}__undecided as undecided_cells,
        {{ stated }} as stated_other,
        cast(0 as bigint) as total_rows
    from counted
    union all
    {% endfor -%}
    {% for name in ids -%}
    select
        source_file,
        file_has_semicolons,
        '{{ name }}' as column_name,
        'id' as column_type,
        {{ name }}__cells - {{ name }}__empty_decimals as default_cells,
        {{ name }}__empty_decimals as other_cells,
        0 as undecided_cells,
        {{ name }}__cells > 0 and {{ name }}__cells = {{ name }}__empty_decimals as stated_other,
        {{ name }}__totals as total_rows
    from counted
    union all
    {% endfor -%}
    select
        '' as source_file,
        false as file_has_semicolons,
        '' as column_name,
        '' as column_type,
        0 as default_cells,
        0 as other_cells,
        0 as undecided_cells,
        false as stated_other,
        0 as total_rows
    where false

),

decided as (

    select
        *,
        coalesce(
            stated_other,
            other_cells > default_cells or (other_cells = default_cells and file_has_semicolons)
        ) as is_other,
        stated_other is null and other_cells = default_cells and undecided_cells > 0 as is_assumed,
        case when source_file = '' then '' else ' in `' || source_file || '`' end as place
    from by_column

),

named as (

    select
        *,
        case column_type
            when 'number' then case when is_other then 'decimal comma' else 'decimal point' end
            when 'date' then case when is_other then 'day before month' else 'month before day' end
            else case when is_other then 'without .0' else 'as written' end
        end as reading
    from decided

),

described as (

    select
        ---------- what is read
        source_file,
        column_name,

        ---------- how
        reading,
        is_assumed,

        ---------- why
        cast(case when is_other then other_cells else default_cells end as bigint) as cells_for,
        cast(case when is_other then default_cells else other_cells end as bigint) as cells_against,
        cast(undecided_cells as bigint) as undecided_cells,
        cast(total_rows as bigint) as total_rows,

        ---------- what to look at
        case
            when column_type = 'id' and is_other
                then
                    'Every ' || column_name || place || ' ends in .0, as whole numbers do that went through a program '
                    || 'for numbers; it is read without .0.'
            when column_type = 'number' and is_assumed
                then
                    'Nothing in the column ' || column_name || place || ' decides whether 1,234 is a thousand or has '
                    || 'decimals; ' || undecided_cells || ' such numbers are read with a ' || reading
                    || '. If that is wrong, give the column `decimal: '
                    || case when is_other then 'point' else 'comma' end || '` in the var {{ var_name }}.'
            when column_type = 'date' and is_assumed
                then
                    'Nothing in the column ' || column_name || place || ' decides which number is the day; '
                    || undecided_cells || ' dates are read with the ' || reading
                    || '. If that is wrong, give the column `day_first: '
                    || case when is_other then 'false' else 'true' end || '` in the var {{ var_name }}.'
            when column_type = 'number' and default_cells > 0 and other_cells > 0
                then
                    'The column ' || column_name || place || ' mixes decimal points (' || default_cells
                    || ' numbers) and decimal commas (' || other_cells || '); each is read as what it can only be, and '
                    || undecided_cells || ' that may be either with a ' || reading || '.'
            when column_type = 'date' and default_cells > 0 and other_cells > 0
                then
                    'The column ' || column_name || place || ' writes the month first in ' || default_cells
                    || ' dates and the day first in ' || other_cells || '; ' || undecided_cells
                    || ' that may be either are read with the ' || reading || '.'
        end as warning
    from named

)

select * from described
{% endmacro %}
