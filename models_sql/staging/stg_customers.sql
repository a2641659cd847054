{%- set columns = source_columns() -%}
{%- set source = customer_source() -%}
{%- set categories = customer_columns('category') -%}
{%- set numbers = customer_columns('number') -%}
with

source as {{ not_materialized() }} (

    select
        {{ source_row_number() }} as source_row_number,
        {% for name, header in columns.items() -%}
        {{ quoted(header) }} as source_{{ name }}{{ ',' if not loop.last }}
        {% endfor %}
    from {{ source }}

),

-- Grouping numbers takes a third of the time and memory of grouping the ids themselves.
repeated_hashes as (

    select {{ text_hash(trimmed(quoted(columns.customer_id))) }} as id_hash
    from {{ source }}
    where {{ quoted(columns.customer_id) }} is not null
    group by id_hash
    having count(*) > 1

),

suspected as {{ not_materialized() }} (

    select
        source.*,
        repeated_hashes.id_hash is not null as may_repeat
    from source
    left join repeated_hashes on {{ text_hash(trimmed('source.source_customer_id')) }} = repeated_hashes.id_hash

),

parsed as (

    select
        *,
        {{ trimmed(id_text('source_customer_id')) }} as parsed_customer_id,
        {% for name in categories -%}
        {{ trimmed('source_' ~ name) }} as parsed_{{ name }},
        {% endfor -%}
        {% for name in numbers -%}
        {{ clean_number('source_' ~ name) }} as parsed_{{ name }}{{ ',' if not loop.last }}
        {% endfor %}
    from suspected

),

typed as (

    select
        *,
        {{ clean_text('parsed_customer_id') }} as customer_id,
        {% for name in categories -%}
        {{ clean_text('parsed_' ~ name) }} as {{ name }},
        {% endfor -%}
        {% for name, column in numbers.items() -%}
        {{ within_range('parsed_' ~ name, column) }} as {{ name }}{{ ',' if not loop.last }}
        {% endfor %}
    from parsed

),

-- Of the rows that share an id the first usable one is kept. Only rows that may share one are compared.
repeats as (

    select
        *,
        row_number() over (
            partition by customer_id
            order by
                case when coalesce({{ numbers | join(', ') }}) is null then 1 else 0 end,
                source_row_number
        ) as nth_of_id,
        row_number() over (
            partition by
                {% for name in columns -%}
                {{ name }}{{ ',' if not loop.last }}
                {% endfor %}
            order by source_row_number
        ) as nth_of_row
    from typed
    where may_repeat

),

counted as (

    select * from repeats

    union all

    select
        *,
        1 as nth_of_id,
        1 as nth_of_row
    from typed
    where not may_repeat

),

judged as (

    select
        *,
        case
            when customer_id is null then 'missing customer_id'
            when nth_of_id > 1 and nth_of_row > 1 then 'duplicate row'
            when nth_of_id > 1 then 'duplicate customer_id'
            when coalesce({{ numbers | join(', ') }}) is null then 'no usable feature'
        end as rejection_reason
    from counted

),

staged as (

    select
        ---------- ids
        source_row_number,
        customer_id,

        ---------- attributes
        {% for name in categories -%}
        {{ name }},
        {% endfor %}

        ---------- numerics
        {% for name in numbers -%}
        {{ name }},
        {% endfor %}

        ---------- quality
        rejection_reason,
        case when rejection_reason is not null then {{ source_values(columns) }} end as source_values
    from judged

)

select * from staged
