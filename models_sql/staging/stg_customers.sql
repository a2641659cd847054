{%- set columns = source_columns() -%}
{%- set source = customer_source() -%}
{%- set facts = source_facts(var('customers_file')) -%}
{%- set all_columns = customer_columns() -%}
{%- set categories = customer_columns('category').keys() | list -%}
{%- set numbers = customer_columns('number') -%}
{%- set dates = customer_columns('date') -%}
{%- set written = [] -%}
{%- for name, column in numbers.items() if column.type == 'number' and columns.get(name, {}).is_text -%}
    {%- do written.append(name) -%}
{%- endfor -%}
{%- set measured = numbers.keys() | list + dates.keys() | list -%}
{%- set unusable -%}
    ({% for name in measured or categories %}{{ name }} is null{{ ' and ' if not loop.last }}{% else %}false{% endfor %})
{%- endset -%}
{%- set owns_ids = not ids_are_row_numbers() -%}
-- A name with two underscores in a row is ours: no column of the customers may have one.
with

-- How the texts of each file are read, as one row with a column per decision.
readings as (

    select
        source_file,
        {% for name in written -%}
        max(case when column_name = '{{ name }}' and reading = 'decimal comma' then 1 else 0 end) = 1
            as {{ name }}__has_decimal_comma,
        {% endfor -%}
        {% for name in dates -%}
        max(case when column_name = '{{ name }}' and reading = 'day before month' then 1 else 0 end) = 1
            as {{ name }}__is_day_first,
        {% endfor -%}
        max(case when column_name = 'customer_id' and reading = 'without .0' then 1 else 0 end) = 1
            as id__drops_decimals
    from {{ ref('column_readings') }}
    group by source_file

),

{% call source_rows(source, var('customers_file')) %}
    {% for name, column in columns.items() -%}
        {{ quoted(column.header) }} as {{ name }}__source,
        {% endfor -%}
        {{ facts.source_file }} as source__file,
        {{ facts.has_more_cells }} as has__more_cells,
        {{ facts.has_fewer_cells }} as has__fewer_cells
{% endcall %},

identified as {{ not_materialized() }} (

    select
        source.*,
        {% for name in written -%}
        coalesce(readings.{{ name }}__has_decimal_comma, false) as {{ name }}__has_decimal_comma,
        {% endfor -%}
        {% for name in dates -%}
        coalesce(readings.{{ name }}__is_day_first, false) as {{ name }}__is_day_first,
        {% endfor -%}
        {% if owns_ids -%}
        {{ id_text('source.customer_id__source', columns.get('customer_id', {}), 'readings.id__drops_decimals') }}
            as id__text
        {%- else -%}
        cast(source.source_row_number as {{ dbt.type_string() }}) as id__text
        {%- endif %}
    from source
    left join readings on source.source__file = readings.source_file

),

-- Grouping numbers takes a third of the time and memory of grouping the ids themselves.
repeated_hashes as (

    select {{ text_hash('id__text') }} as id__hash
    from identified
    where id__text is not null and {{ 'true' if owns_ids else 'false' }}
    group by id__hash
    having count(*) > 1

),

suspected as {{ not_materialized() }} (

    select
        identified.*,
        repeated_hashes.id__hash is not null as may__repeat
    from identified
    left join repeated_hashes on {{ text_hash('identified.id__text') }} = repeated_hashes.id__hash

),

-- Numbers step by step: nearly all are read by a plain cast, and only the others are looked at closely.
plain as (

    select
        *
        {%- for name in written %},
        {{ plain_number(name ~ '__source', name ~ '__has_decimal_comma') }} as {{ name }}__plain
        {%- endfor %}
    from suspected
    {{ kept_apart() }}

),

spelled as (

    select
        *
        {%- for name in written %},
        case when {{ name }}__plain is null then {{ number_text(name ~ '__source') }} end as {{ name }}__text
        {%- endfor %}
        {%- for name in categories %},
        {{ trimmed(name ~ '__source') }} as {{ name }}__text
        {%- endfor %}
        {%- for name in dates %},
        {{ trimmed(name ~ '__source') }} as {{ name }}__text
        {%- endfor %}
        {%- for name, column in numbers.items() if column.type == 'boolean' %},
        {{ trimmed(name ~ '__source') }} as {{ name }}__text
        {%- endfor %}
    from plain
    {{ kept_apart() }}

),

{{ number_marks(written) }},

parsed as {{ not_materialized() }} (

    select
        *
        {%- for name, column in numbers.items() %},
        {% if name in written -%}
        coalesce({{ name }}__plain, {{ written_number(
            name ~ '__text', name ~ '__digits', name ~ '__mark', name ~ '__has_decimal_comma'
        ) }})
        {%- elif column.type == 'boolean' -%}
        {{ clean_boolean(name ~ '__text') }}
        {%- else -%}
        cast({{ name }}__source as {{ type_double() }})
        {%- endif %} as {{ name }}__parsed
        {%- endfor %}
        {%- for name in dates %},
        {{ clean_date(name ~ '__text', name ~ '__is_day_first') }} as {{ name }}__parsed
        {%- endfor %}
    from marked

),

typed as (

    select
        *,
        {% for name in categories -%}
        {{ clean_text(name ~ '__text') }} as {{ name }},
        {% endfor -%}
        {% for name, column in numbers.items() -%}
        {{ within_range(name ~ '__parsed', column) }} as {{ name }},
        {% endfor -%}
        {% for name, column in dates.items() -%}
        {{ within_dates(name ~ '__parsed', column) }} as {{ name }},
        {% endfor -%}
        {{ clean_text('id__text') }} as customer_id
    from parsed

),

-- Of the rows that share an id the first usable one is kept. Only rows that may share one are compared.
repeats as (

    select
        *,
        row_number() over (
            partition by customer_id
            order by
                case when has__more_cells then 2 when {{ unusable }} then 1 else 0 end,
                source_row_number
        ) as nth__of_id,
        row_number() over (
            partition by
                {% for name in all_columns -%}
                {{ name }},
                {% endfor -%}
                has__more_cells,
                customer_id
            order by source_row_number
        ) as nth__of_row
    from typed
    where may__repeat

),

counted as (

    select * from repeats

    union all

    select
        *,
        1 as nth__of_id,
        1 as nth__of_row
    from typed
    where not may__repeat

),

-- Added up only where an id is a word for a total.
totals as (

    select
        {% for name in numbers -%}
        sum({{ name }}__parsed) as {{ name }}__total,
        {% endfor -%}
        count(*) as rows__added
    from parsed
    where
        exists (
            select 1 from {{ ref('column_readings') }} as readings
            where readings.total_rows > 0
        )
        and not coalesce({{ is_total_name('id__text') }}, false)

),

judged as (

    select
        counted.*,
        case
            when counted.has__more_cells then 'more cells than headers'
            when counted.customer_id is null then 'missing customer_id'
            {% if numbers and owns_ids -%}
            when
                totals.rows__added > 1
                and {{ is_total_name('counted.id__text') }}
                and (
                    {% for name in numbers -%}
                    coalesce(
                        totals.{{ name }}__total != 0
                        and abs(counted.{{ name }}__parsed - totals.{{ name }}__total)
                        <= 1e-4 * abs(totals.{{ name }}__total),
                        false
                    ){{ ' or' if not loop.last }}
                    {% endfor %}
                )
                then 'total of the other rows'
            {% endif -%}
            when counted.nth__of_id > 1 and counted.nth__of_row > 1 then 'duplicate row'
            when counted.nth__of_id > 1 then 'duplicate customer_id'
            when {{ unusable }} then 'no usable feature'
        end as rejection_reason
    from counted
    cross join totals

),

staged as (

    select
        ---------- ids
        source_row_number,
        customer_id,

        ---------- attributes
        {% for name in categories -%}
        {{ name }},
        {% endfor -%}
        {% for name in dates -%}
        {{ name }},
        {% endfor %}

        ---------- numerics
        {% for name in numbers -%}
        {{ name }},
        {% endfor %}

        ---------- quality
        concat_ws(
            ', ',
            {% for name, column in all_columns.items()
                if name in written or name in dates or column.type == 'boolean' -%}
            case
                when {{ name }}__parsed is null and {{ name }}__text is not null and not {{ is_blank(name ~ '__text') }}
                    then '{{ name }}'
            end,
            {% endfor -%}
            null
        ) as unreadable_columns,
        concat_ws(
            ', ',
            {% for name in dates -%}
            case when {{ name }}__parsed is not null and {{ name }} is null then '{{ name }}' end,
            {% endfor -%}
            {% for name in numbers -%}
            case when {{ name }} is null and {{ name }}__parsed between -1e308 and 1e308 then '{{ name }}' end,
            {% endfor -%}
            null
        ) as out_of_range_columns,
        has__fewer_cells as has_fewer_cells,
        rejection_reason,
        case when rejection_reason is not null then {{ source_values(columns) }} end as source_values
    from judged

)

{%- if purchases_make_customers() %},

-- Whoever buys without being in the source of the customers.
buyers as (

    select purchases.customer_id
    from {{ ref('stg_purchases') }} as purchases
    left join staged on purchases.customer_id = staged.customer_id and staged.rejection_reason is null
    where purchases.rejection_reason is null and staged.customer_id is null
    group by purchases.customer_id

),

everybody as (

    select * from staged

    union all

    select
        cast(null as bigint) as source_row_number,
        customer_id,
        {% for name in categories -%}
        cast(null as {{ dbt.type_string() }}) as {{ name }},
        {% endfor -%}
        {% for name in dates -%}
        cast(null as date) as {{ name }},
        {% endfor -%}
        {% for name in numbers -%}
        cast(null as {{ type_double() }}) as {{ name }},
        {% endfor -%}
        '' as unreadable_columns,
        '' as out_of_range_columns,
        false as has_fewer_cells,
        cast(null as {{ dbt.type_string() }}) as rejection_reason,
        cast(null as {{ dbt.type_string() }}) as source_values
    from buyers

)

select * from everybody
{%- else %}

select * from staged
{%- endif %}
