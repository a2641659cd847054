-- The training sample with its segments, for what learns from segments: values as people read them in `customers`.
{%- set columns = customer_columns() %}
with

champions as (

    select
        segmentation,
        max(model_version) as model_version
    from {{ ref('segment_centroids') }}
    group by segmentation

),

labelled as (

    select
        ---------- ids
        sample.segmentation,
        champions.model_version,
        sample.customer_id,

        ---------- where the champion puts the customer
        sample.sample_weight,
        assigned.segment_id,

        ---------- features
        {% for feature in segmentation_categories() -%}
        sample.{{ feature }},
        {% endfor -%}
        {% for feature in segmentation_numbers() -%}
        {%- set fill = columns.get(feature, {}).get('fill') -%}
        {{ 'sample.' ~ feature if fill is none else 'coalesce(sample.' ~ feature ~ ', ' ~ fill ~ ') as ' ~ feature }}
        {{- ',' if not loop.last }}
        {% endfor %}
    from {{ ref('training_sample') }} as sample
    inner join {{ ref('sample_segments') }} as assigned
        on sample.segmentation = assigned.segmentation and sample.customer_id = assigned.customer_id
    inner join champions on sample.segmentation = champions.segmentation
    where
        assigned.segment_id is not null
        {% for segmentation in segmentations_by('rules') -%}
        and sample.segmentation != '{{ segmentation }}'
        {% endfor -%}

)

select * from labelled
