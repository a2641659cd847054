-- What the Python models fit: the sample as coordinates, each customer with every dimension of its segmentation. One by
-- rule is not fitted.
{%- set numbers = segmentation_numbers() -%}
{%- set categories = segmentation_categories() %}

with

features as (

    select * from {{ ref('segmentation_features') }}
    {% if has_rules() -%}
    where segmentation not in ('{{ segmentations_by('rules') | join("', '") }}')
    {%- endif %}

),

sampled_numbers as (

    {% for feature in numbers -%}
    select
        segmentation,
        customer_id,
        '{{ feature }}' as feature,
        {{ feature }} as feature_value
    from {{ ref('training_sample') }}
    {{ 'union all' if not loop.last }}
    {% else -%}
    select
        segmentation,
        customer_id,
        cast(null as {{ dbt.type_string() }}) as feature,
        cast(null as {{ type_double() }}) as feature_value
    from {{ ref('training_sample') }}
    where false
    {% endfor %}

),

sampled_categories as (

    {% for feature in categories -%}
    select
        segmentation,
        customer_id,
        '{{ feature }}' as feature,
        {{ feature }} as category_value
    from {{ ref('training_sample') }}
    {{ 'union all' if not loop.last }}
    {% else -%}
    select
        segmentation,
        customer_id,
        cast(null as {{ dbt.type_string() }}) as feature,
        cast(null as {{ dbt.type_string() }}) as category_value
    from {{ ref('training_sample') }}
    where false
    {% endfor %}

),

-- A value without a level of its own is one of the rarest.
levelled as (

    select
        sampled_categories.segmentation,
        sampled_categories.customer_id,
        sampled_categories.feature,
        sampled_categories.category_value is null as is_missing,
        coalesce(levels.level, 'other') as level
    from sampled_categories
    left join {{ ref('category_levels') }} as levels
        on
            sampled_categories.feature = levels.feature
            and sampled_categories.category_value = levels.level

),

filled as (

    select
        features.segmentation,
        features.feature,
        features.dimension,
        features.low_fence,
        features.high_fence,
        features.transform,
        features.mean,
        features.scale,
        sampled_numbers.customer_id,
        coalesce(sampled_numbers.feature_value, features.fill_value) as feature_value
    from sampled_numbers
    inner join features
        on sampled_numbers.segmentation = features.segmentation and sampled_numbers.feature = features.feature

    union all

    select
        features.segmentation,
        features.feature,
        features.dimension,
        features.low_fence,
        features.high_fence,
        features.transform,
        features.mean,
        features.scale,
        levelled.customer_id,
        case
            when levelled.is_missing then features.fill_value
            when levelled.level = features.level then 1e0
            else 0e0
        end as feature_value
    from levelled
    inner join features
        on levelled.segmentation = features.segmentation and levelled.feature = features.feature

),

held as (

    select
        *,
        {{ held('feature_value', 'low_fence', 'high_fence') }} as held_value
    from filled

),

points as (

    select
        segmentation,
        customer_id,
        dimension,
        ({{ transformed('held_value', "transform = 'log'") }} - mean) / scale as coordinate
    from held

)

select * from points
