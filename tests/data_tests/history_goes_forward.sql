-- Warns where a build is for an earlier day than the history of segments has: what changed in it counts from the latest
-- day of the history on. Build earlier days into a warehouse of their own.
{{ config(enabled=has_purchases(), severity='warn') }}
{%- set doubts -%}
    select
        'This build is for ' || cast(as_of_day.as_of as {{ dbt.type_string() }}) || ', but the history of segments goes to '
        || cast(cast(max(changes.seen_at) as date) as {{ dbt.type_string() }})
        || ', and what changed counts from then on. Build earlier days into a warehouse of their own.' as warning
    from {{ ref('segment_changes') }} as changes
    cross join {{ ref('as_of_day') }} as as_of_day
    group by as_of_day.as_of
    having cast(max(changes.seen_at) as date) > as_of_day.as_of
{%- endset -%}
{%- do warn_of(doubts) -%}

{{ doubts }}
