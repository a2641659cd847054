{{ config(enabled=has_purchases()) }}
{%- set columns = purchase_source_columns() -%}
{%- set declared = purchase_columns() -%}
{%- set facts = source_facts(var('purchases_file')) -%}
{%- set numbers, written, texts = [], [], ['currency', 'returned'] -%}
{%- for name in ('amount', 'quantity', 'unit_price') if name in declared -%}
    {%- do numbers.append(name) -%}
    {%- if columns.get(name, {}).is_text -%}
        {%- do written.append(name) -%}
    {%- endif -%}
{%- endfor -%}
{#- A number of days or seconds is no date, but 20261125 is. -#}
{%- set date_is_typed = modules.re.match('date|timestamp', columns.get('date', {}).get('data_type', 'text')) -%}
-- Kept as a table, because what is usual among all rows decides what is kept of each.
with

-- How the texts of each file are read, as one row with a column per decision.
readings as (

    select
        source_file,
        {% for name in written -%}
        max(case when column_name = '{{ name }}' and reading = 'decimal comma' then 1 else 0 end) = 1
            as {{ name }}__has_decimal_comma,
        {% endfor -%}
        max(case when column_name = 'date' and reading = 'day before month' then 1 else 0 end) = 1 as is_day_first,
        max(case when column_name = 'customer' and reading = 'without .0' then 1 else 0 end) = 1 as drops_decimals
    from {{ ref('purchase_readings') }}
    group by source_file

),

{% call source_rows(purchase_source(), var('purchases_file')) %}
    {% for name, column in columns.items() -%}
        {{ quoted(column.header) }} as {{ name }}__source,
        {% endfor -%}
        {{ loaded_row_hash() if loads_csv(var('purchases_file')) else row_hash(purchase_source()) }} as row_hash,
        {{ facts.source_file }} as source_file,
        {{ facts.has_more_cells }} as has_more_cells
{% endcall %},

identified as (

    select
        source.*,
        {% for name in written -%}
        coalesce(readings.{{ name }}__has_decimal_comma, false) as {{ name }}__has_decimal_comma,
        {% endfor -%}
        coalesce(readings.is_day_first, false) as is_day_first,
        {{ id_text('source.customer__source', columns.get('customer', {}), 'readings.drops_decimals') }}
            as customer__text
    from source
    left join readings on source.source_file = readings.source_file

),

-- Numbers step by step: nearly all are read by a plain cast, and only the others are looked at closely.
plain as (

    select
        *,
        {% if not date_is_typed -%}
        {{ trimmed('date__source') }} as date__text,
        {% endif -%}
        {% for name in ('currency', 'returned', 'order_id', 'category') if name in columns -%}
        {{ trimmed(name ~ '__source') }} as {{ name }}__text,
        {% endfor -%}
        {% for name in numbers -%}
        {{ plain_number(name ~ '__source', name ~ '__has_decimal_comma') if name in written
            else 'cast(' ~ name ~ '__source as ' ~ type_double() ~ ')' }} as {{ name }}__plain{{ ',' if not loop.last }}
        {% endfor %}
    from identified
    {{ kept_apart() }}

),

spelled as (

    select
        *
        {%- for name in written %},
        case when {{ name }}__plain is null then {{ number_text(name ~ '__source') }} end as {{ name }}__text
        {%- endfor %}
    from plain
    {{ kept_apart() }}

),

{{ number_marks(written) }},

parsed as (

    select
        *,
        {% for name in numbers -%}
        {% if name in written -%}
        coalesce({{ name }}__plain, {{ written_number(
            name ~ '__text', name ~ '__digits', name ~ '__mark', name ~ '__has_decimal_comma'
        ) }}) as {{ name }}__parsed,
        {% else -%}
        {{ name }}__plain as {{ name }}__parsed,
        {% endif -%}
        {% endfor -%}
        {% if 'returned' in columns -%}
        {{ clean_boolean('returned__text') }} as returned__parsed,
        {% endif -%}
        {{ 'cast(date__source as date)' if date_is_typed else clean_date('date__text', 'is_day_first') }}
            as purchase_date
    from marked
    {{ kept_apart() }}

),

measured as (

    select
        *,
        {% if 'amount' in columns -%}
        amount__parsed
        {%- else -%}
        quantity__parsed * unit_price__parsed
        {%- endif %} as read_amount,
        {% if 'returned' in columns -%}
        coalesce(returned__parsed = 1, false)
        {%- else -%}
        false
        {%- endif %} as is_marked_returned,
        -- Without a column of its own the currency is what stands beside the digits of the amount.
        {% if 'currency' in columns -%}
        upper({{ clean_text('currency__text') }})
        {%- else -%}
        {%- set priced = 'amount' if 'amount' in columns else 'unit_price' -%}
        {% if priced in written -%}
        upper(nullif(trim(translate({{ priced }}__text, '0123456789.,-+()% ', '')), ''))
        {%- else -%}
        cast(null as {{ dbt.type_string() }})
        {%- endif -%}
        {%- endif %} as currency
    from parsed

),

typed as (

    select
        ---------- ids
        cast(source_row_number as bigint) as source_row_number,
        {{ clean_text('customer__text') }} as customer_id,
        {{ clean_text('order_id__text') if 'order_id' in columns else 'cast(null as ' ~ dbt.type_string() ~ ')' }}
            as order_id,

        ---------- attributes
        purchase_date,
        {{ clean_text('category__text') if 'category' in columns else 'cast(null as ' ~ dbt.type_string() ~ ')' }}
            as category,
        currency,

        ---------- numerics
        case
            when read_amount between -1e300 and 1e300
                then case when is_marked_returned then -abs(read_amount) else read_amount end
        end as amount,

        ---------- quality
        has_more_cells,
        {% if 'returned' in columns -%}
        returned__parsed is null and {{ clean_text('returned__text') }} is not null
        {%- else -%}
        false
        {%- endif %} as has_unreadable_flag,
        row_hash,
        {% for name in columns -%}
        {{ name }}__source{{ ',' if not loop.last }}
        {% endfor %}
    from measured

)

select * from typed
