-- The training sample as it is scored today, for what learns from segments: it sees values as people read them.
{%- set features = clustered_features() %}
with

sample as (

    select
        segmentation,
        customer_id,
        sample_weight
    from {{ ref('training_sample') }}

),

champions as (

    select
        segmentation,
        max(model_version) as model_version
    from {{ ref('segment_centroids') }}
    group by segmentation

),

labelled as (

    {% for segmentation in var('segmentations') -%}
    select
        sample.segmentation,
        sample.customer_id,
        champions.model_version,
        sample.sample_weight,
        cast(scores.{{ segmentation }}_segment_id as integer) as segment_id,
        {% for feature in features -%}
        scores.{{ feature }}{{ ',' if not loop.last }}
        {% endfor %}
    from sample
    inner join champions on sample.segmentation = champions.segmentation
    inner join {{ ref('customer_scores') }} as scores on sample.customer_id = scores.customer_id
    where sample.segmentation = '{{ segmentation }}' and scores.{{ segmentation }}_segment_id is not null
    {{ 'union all' if not loop.last }}
    {% endfor %}

)

select * from labelled
