{#- Where the customers come from, in the words of the vars; of a path its last part. -#}
{%- set sources = [] -%}
{%- for kind in ['customers', 'purchases'] -%}
    {%- set file = var(kind ~ '_file') -%}
    {%- do sources.append(file.replace('\\', '/').split('/') | last if file else var(kind ~ '_table')) -%}
{%- endfor -%}
with

quality as (

    select
        max(case when kind = 'source rows' then row_count end) as source_rows,
        sum(case when kind = 'rejected' then row_count end) as rejected_rows,
        max(case when kind = 'purchase rows' then row_count end) as purchase_rows,
        max(case when kind = 'used purchase rows' and item = 'all' then row_count end) as used_purchase_rows
    from {{ ref('data_quality') }}

),

customers as (

    select
        count(*) as customers,
        count(case when imputed_features != '' then 1 end) as imputed_customers
    from {{ ref('customer_scores') }}

),

totals as (

    select
        customers.customers,
        customers.imputed_customers,
        cast(coalesce(quality.source_rows, 0) as bigint) as source_rows,
        cast(coalesce(quality.rejected_rows, 0) as bigint) as rejected_rows,
        cast(coalesce(quality.purchase_rows, 0) as bigint) as purchase_rows,
        cast(coalesce(quality.used_purchase_rows, 0) as bigint) as used_purchase_rows,
        cast({{ sql_text(sources | select | join(' and ') or 'mall_customers') }} as {{ dbt.type_string() }}) as source,
        cast({{ sql_text(var('customer_words').one) }} as {{ dbt.type_string() }}) as customer_word,
        cast({{ sql_text(var('customer_words').many) }} as {{ dbt.type_string() }}) as customers_word,
        cast({{ sql_text(said_number('.')) }} as {{ dbt.type_string() }}) as decimal_mark,
        cast({{ sql_text(grouping_mark()) }} as {{ dbt.type_string() }}) as grouping_mark,
        cast(
            {{ sql_text((var('number_format') or {}).get('groups') or 'thousands') }} as {{ dbt.type_string() }}
        ) as digit_groups,
        cast({{ sql_text((var('currency') or {}).get('sign', '')) }} as {{ dbt.type_string() }}) as currency_sign,
        cast({{ sql_text((var('currency') or {}).get('place', 'after')) }} as {{ dbt.type_string() }}) as currency_place
    from customers
    cross join quality

)

select * from totals
