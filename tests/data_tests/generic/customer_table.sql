{#- What a table with the customers' own columns lacks: a column of the var `customer_columns` of one of the `types`,
    its type, or an id that stands once and in every row. With these columns no contract can be written down. -#}
{% test customer_table(model, types=['category', 'number'], unique_ids=true) %}

{%- set kinds = {
    'number': 'double|float8', 'date': 'date$', 'category': 'varchar|string|text|character varying',
} -%}
{%- set actual = {} -%}
{%- for column in (adapter.get_columns_in_relation(model) if execute else []) -%}
    {%- do actual.update({column.name | lower: column.data_type | lower}) -%}
{%- endfor -%}
{%- set wanted = {'customer_id': kinds.category} -%}
{%- for type in types -%}
    {%- for name in customer_columns(type) -%}
        {%- do wanted.update({name: kinds[type]}) -%}
    {%- endfor -%}
{%- endfor -%}

with

columns_at_fault as (

    {% for name, kind in wanted.items() if execute and not modules.re.match(kind, actual.get(name, 'missing')) -%}
    select 'the column {{ name }} is {{ actual.get(name, "missing") }}, not {{ kind.split("|")[0] }}' as fault
    union all
    {% endfor -%}
    select '' as fault
    where false

),

ids as (

    select
        customer_id,
        count(*) as id_rows
    from {{ model }}
    where {{ 'true' if unique_ids else 'rejection_reason is null' }}
    group by customer_id

),

ids_at_fault as (

    select
        case when customer_id is null then 'a customer has no id' else 'an id stands in more than one row' end as fault
    from ids
    where customer_id is null or id_rows > 1

)

select fault from columns_at_fault
union all
select fault from ids_at_fault

{% endtest %}
