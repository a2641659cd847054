-- Warns where the customers' source is read, but in a way that somebody should look at: what had to be assumed, what is
-- rejected or unreadable in numbers, and what no fence or fill puts right. Each warning is a sentence with what to do.
{{ config(severity='warn') }}
{%- set doubts -%}
    select warning from {{ ref('data_quality') }}
    where warning is not null
    union all
    select warning from {{ ref('column_readings') }}
    where warning is not null
    union all
    select warning from {{ ref('feature_doubts') }}
    {%- if has_purchases() %}
    union all
    select warning from {{ ref('purchase_readings') }}
    where warning is not null
    {%- endif %}
{%- endset -%}
{%- do warn_of(doubts) -%}

{{ doubts }}
