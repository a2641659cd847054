{{ config(enabled=has_purchases()) }}
-- Each month that is over follows those who were in a segment when it began, as the history then had it.
{%- set segmentations = var('segmentations') | list %}
with

history as (

    select * from {{ ref('segment_history') }}

),

as_of_day as (

    select * from {{ ref('as_of_day') }}

),

segments as (

    select * from {{ ref('segments') }}

),

began as (

    select min(valid_from) as first_day from history

),

numbers as (

    {{ dbt.generate_series(12000) }}

),

-- A thousand years of months from the one in which the history began; a month nobody bought in counts as well.
calendar as (

    {% set first_month = dbt.date_trunc('month', 'began.first_day') -%}
    select
        cast({{ dbt.dateadd('month', 'numbers.generated_number', first_month) }} as date) as month_start,
        cast({{ dbt.dateadd('month', 'numbers.generated_number + 1', first_month) }} as date) as next_month
    from numbers
    cross join began

),

months as (

    select
        calendar.month_start,
        calendar.next_month
    from calendar
    cross join as_of_day
    where calendar.next_month <= {{ dbt.dateadd('day', 1, 'as_of_day.as_of') }}

),

-- By those whom no customer table knows any more as well: they were customers when the month began.
bought as (

    select
        customer_id,
        cast({{ dbt.date_trunc('month', 'purchase_date') }} as date) as month_start,
        max(case when amount >= 0 then 1 else 0 end) as has_bought,
        sum(amount) as revenue
    from {{ ref('stg_purchases') }}
    where coalesce(rejection_reason, 'unknown customer') = 'unknown customer'
    group by customer_id, cast({{ dbt.date_trunc('month', 'purchase_date') }} as date)

),

members as (

    select
        history.*,
        months.month_start,
        months.next_month
    from months
    inner join history
        on
            months.month_start > history.valid_from
            and (history.valid_to is null or months.month_start <= history.valid_to)

),

followed as (

    select
        {% for segmentation in segmentations -%}
        members.{{ segmentation }}_segment_id,
        later.{{ segmentation }}_segment_id as {{ segmentation }}_next_segment_id,
        {% endfor -%}
        members.month_start,
        coalesce(bought.has_bought, 0) as has_bought,
        coalesce(bought.revenue, 0) as revenue
    from members
    left join history as later
        on
            members.customer_id = later.customer_id
            and members.next_month > later.valid_from
            and (later.valid_to is null or members.next_month <= later.valid_to)
    left join bought
        on members.customer_id = bought.customer_id and members.month_start = bought.month_start

),

flows as (

    {% for segmentation in segmentations -%}
    select
        '{{ segmentation }}' as segmentation,
        {{ segmentation }}_segment_id as segment_id,
        {{ segmentation }}_next_segment_id as next_segment_id,
        month_start,
        count(*) as customers,
        sum(has_bought) as retained,
        sum(revenue) as revenue
    from followed
    where {{ segmentation }}_segment_id is not null
    group by {{ segmentation }}_segment_id, {{ segmentation }}_next_segment_id, month_start
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

named as (

    select
        flows.*,
        case
            when flows.next_segment_id is null then 'gone'
            when flows.next_segment_id = flows.segment_id then 'stayed'
            else 'moved'
        end as outcome,
        segments.segment_name as next_segment_name
    from flows
    left join segments
        on flows.segmentation = segments.segmentation and flows.next_segment_id = segments.segment_id

),

destinations as (

    select
        segmentation,
        segment_id,
        month_start,
        {{ dbt.listagg(
            "coalesce(next_segment_name, 'a former segment') || ' (' || " ~ plain_text('customers', 0) ~ " || ')'",
            "'; '",
            'order by customers desc, next_segment_id'
        ) }} as went_to
    from named
    where outcome = 'moved'
    group by segmentation, segment_id, month_start

),

added_up as (

    select
        segmentation,
        segment_id,
        month_start,
        sum(customers) as customers,
        sum(retained) as retained,
        sum(revenue) as revenue,
        sum(case when outcome = 'stayed' then customers else 0 end) as stayed,
        sum(case when outcome = 'moved' then customers else 0 end) as moved,
        sum(case when outcome = 'gone' then customers else 0 end) as gone
    from named
    group by segmentation, segment_id, month_start

),

retention as (

    select
        ---------- ids
        added_up.segmentation,
        cast(added_up.segment_id as integer) as segment_id,
        {{ segment_key('added_up.segmentation', 'added_up.segment_id') }} as segment_key,
        added_up.month_start,

        ---------- what the segment is called today; a retired one has lost its name
        segments.segment_name,

        ---------- who came back, and what they brought
        cast(added_up.customers as bigint) as customers,
        cast(added_up.retained as bigint) as retained,
        {{ significant('(added_up.retained * 1e0 / added_up.customers)') }} as retention,
        {{ significant('added_up.revenue') }} as revenue,

        ---------- where they were when the month was over
        cast(added_up.stayed as bigint) as stayed,
        cast(added_up.moved as bigint) as moved,
        cast(added_up.gone as bigint) as gone,
        coalesce(destinations.went_to, '') as went_to
    from added_up
    left join destinations
        on
            added_up.segmentation = destinations.segmentation
            and added_up.segment_id = destinations.segment_id
            and added_up.month_start = destinations.month_start
    left join segments
        on added_up.segmentation = segments.segmentation and added_up.segment_id = segments.segment_id

)

select * from retention
