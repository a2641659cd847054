-- Outcomes that would be counted wrongly: correct them where they come from. Each fault is said in a sentence.
{% set faults -%}
    select
        campaign,
        customer_id,
        case
            when campaign is null or customer_id is null then 'it does not say whose it is, or of which campaign'
            when copies > 1 then 'the customer has more than one outcome in this campaign'
            when unreadable_columns != '' then unreadable_columns || ' cannot be read'
            when coalesce(retained not in (0, 1), true) then 'retained is neither 0 nor 1'
            when observed_on is null then 'the day on which it was observed is missing'
        end as fault
    from (
        select
            campaign,
            customer_id,
            retained,
            observed_on,
            unreadable_columns,
            count(*) over (partition by campaign, customer_id) as copies
        from {{ ref('campaign_observations') }}
    ) as outcomes
{%- endset -%}
{%- set sentences -%}
    select
        'Outcomes of the campaign `' || coalesce(campaign, '') || '` cannot be counted, because ' || fault || ': '
        || cast(count(*) as {{ dbt.type_string() }}) || ' of them, that of customer `'
        || coalesce(min(customer_id), '') || '` first. Correct them where they come from.' as sentence
    from ({{ faults }}) as faults
    where fault is not null
    group by campaign, fault
    order by campaign, fault
{%- endset -%}
{%- do warn_of(sentences) %}

select * from ({{ faults }}) as faults
where fault is not null
