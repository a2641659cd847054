{#- The page holds no more of a segmentation. -#}
{%- set most_moves = 5000 -%}
with

ranked as (

    select
        *,
        row_number() over (partition by segmentation order by build_number desc, customer_id) as place
    from {{ ref('segment_moves') }}

),

newest as (

    select * from ranked
    where place <= {{ most_moves }}

),

moves as (

    select
        ---------- ids
        newest.segmentation,
        cast(newest.place as integer) as place,
        newest.customer_id,

        ---------- what happened
        newest.build_number,
        newest.moved_at,
        newest.from_segment_id,
        newest.to_segment_id,
        newest.cause,

        ---------- the customer today
        case newest.segmentation
            {% for segmentation in var('segmentations') -%}
            when '{{ segmentation }}' then scores.{{ segmentation }}_segment_id
            {% endfor -%}
        end as segment_id,
        {{ 'case when scores.customer_id is not null then ' ~ may_contact('scores') ~ ' end'
            if var('contact_column') else 'true' }} as may_contact
    from newest
    left join {{ ref('customer_scores') }} as scores on newest.customer_id = scores.customer_id

)

select * from moves
