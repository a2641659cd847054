{{ config(materialized='view') }}
{%- set features = segmentation_numbers() -%}
{%- set categories = segmentation_categories() -%}
{%- set columns = customer_columns() -%}
{#- A reason compares this many features; of more, the numbers in which the segment is most unlike all customers. -#}
{%- set all_features, most_telling = 5, 3 -%}
{#- By rule the scores are the reason. -#}
{%- set rules = segmentations_by('rules') -%}
{%- set labels, scored_features = {}, [] -%}
{%- for name, feature in numeric_features().items() -%}
    {%- do labels.update({name: feature.label}) -%}
{%- endfor -%}
{%- for segmentation in rules -%}
    {%- do scored_features.extend(segmentation_numbers(segmentation) | reject('in', scored_features)) -%}
{%- endfor -%}
{%- set nearness -%}
    ' at the center of ' || segment_name
    || ', ' || {{ plain_text('distance', 2) }} || ' standard deviations away'
    || case when is_outlier then ', which is unusually far' else '' end
    || coalesce(
        case when is_boundary then '; close to the border with ' else '; next is ' end
        || runner_up_segment_name || ', ' || {{ plain_text('runner_up_distance', 2) }} || ' away', ''
    )
    || '.'
{%- endset %}
-- No CTE is read twice: DuckDB would keep it as a table of its own, and for a count(*) over that it computes every
-- column of this view, the sentences included.
with

strengths as (

    select
        segmentation,
        segment_id,
        feature,
        row_number() over (
            partition by segmentation, segment_id
            order by abs(scaled_z_score) desc nulls last, feature_order
        ) as strength_rank
    from {{ ref('segment_profiles') }}
    where center is not null

),

centers as (

    select
        centroids.segmentation,
        centroids.segment_id,
        {% for feature in features -%}
        {% for figure in ('center', 'fill_value', 'low_fence', 'high_fence') -%}
        max(case when centroids.feature = '{{ feature }}' then centroids.{{ figure }} end)
            as {{ feature }}__{{ figure }},
        {% endfor -%}
        max(case when strengths.feature = '{{ feature }}' then strengths.strength_rank end)
            as {{ feature }}__strength_rank,
        {% endfor -%}
        max(centroids.model_version) as model_version
    from {{ ref('segment_centroids') }} as centroids
    left join strengths
        on
            centroids.segmentation = strengths.segmentation
            and centroids.segment_id = strengths.segment_id
            and centroids.feature = strengths.feature
    group by centroids.segmentation, centroids.segment_id

),

segments as (

    select
        centers.*,
        segments.segment_key,
        segments.segment_name,
        segments.as_of
    from {{ ref('segments') }} as segments
    inner join centers
        on segments.segmentation = centers.segmentation and segments.segment_id = centers.segment_id

),

by_segmentation as (

    {% for segmentation, declared in var('segmentations').items() -%}
    select
        '{{ segmentation }}' as segmentation,
        customer_id,
        {{ segmentation }}_segment_id as segment_id,
        {{ segmentation }}_distance as distance,
        {{ segmentation }}_runner_up_segment_id as runner_up_segment_id,
        {{ segmentation }}_runner_up_distance as runner_up_distance,
        {{ segmentation }}_is_outlier as is_outlier,
        {% for feature in features + categories -%}
        {{ feature }} as {{ feature }}__value,
        {% endfor -%}
        {% for feature in scored_features -%}
        {{ segmentation ~ '_' ~ feature ~ '_score' if is_by_rules(segmentation) and feature in declared.features
            else 'cast(null as integer)' }} as {{ feature }}__score,
        {% endfor -%}
        imputed_features
    from {{ ref('customer_scores') }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

named as (

    select
        by_segmentation.*,
        segments.segment_key,
        segments.segment_name,
        runners_up.segment_name as runner_up_segment_name,
        1 - by_segmentation.distance / nullif(by_segmentation.runner_up_distance, 0) as margin,
        {% for feature in features -%}
        segments.{{ feature }}__center,
        segments.{{ feature }}__fill_value,
        segments.{{ feature }}__low_fence,
        segments.{{ feature }}__high_fence,
        segments.{{ feature }}__strength_rank,
        {% endfor -%}
        {% for category in categories -%}
        {{ category }}__centers.center as {{ category }}__center,
        {% endfor -%}
        segments.as_of,
        segments.model_version
    from by_segmentation
    left join segments
        on
            by_segmentation.segmentation = segments.segmentation
            and by_segmentation.segment_id = segments.segment_id
    left join {{ ref('segments') }} as runners_up
        on
            by_segmentation.segmentation = runners_up.segmentation
            and by_segmentation.runner_up_segment_id = runners_up.segment_id
    {% for category in categories -%}
    left join {{ ref('segment_centroids') }} as {{ category }}__centers
        on
            by_segmentation.segmentation = {{ category }}__centers.segmentation
            and by_segmentation.segment_id = {{ category }}__centers.segment_id
            and {{ category }}__centers.feature = '{{ category }}'
            and by_segmentation.{{ category }}__value = {{ category }}__centers.level
    {% endfor %}

),

-- The steps of a pair do not overlap, so a customer meets at most one.
placed as (

    select
        named.*,
        calibration.membership,
        calibration.membership < {{ var('boundary_membership') }} as is_boundary
    from named
    left join {{ ref('membership_calibration') }} as calibration
        on
            named.segmentation = calibration.segmentation
            and named.model_version = calibration.model_version
            and named.segment_id = calibration.segment_id
            and named.runner_up_segment_id = calibration.runner_up_segment_id
            and named.runner_up_distance - named.distance >= calibration.lead_from
            and (
                calibration.lead_to is null
                or named.runner_up_distance - named.distance < calibration.lead_to
            )

),

-- Text is made above the union, so that a query that does not ask for the reason does not pay for it.
compared as (

    select
        *,
        case segmentation
            {% for segmentation in var('segmentations') -%}
            {% set compared_features = segmentation_features(segmentation) -%}
            {% set numbers = segmentation_numbers(segmentation) -%}
            {% set is_selective = compared_features | length > all_features and numbers | length >= most_telling -%}
            when '{{ segmentation }}'
                then concat_ws(
                    ', ',
                    {% if segmentation in rules -%}
                    {% for feature in numbers -%}
                    case
                        when {{ is_imputed(feature, 'imputed_features') }} and {{ feature }}__fill_value is null
                            then {{ sql_text(labels.get(feature, feature) ~ ' not known') }}
                        else {{ measured_text(feature, 'coalesce(' ~ feature ~ '__value, ' ~ feature ~ '__fill_value)') }}
                    end
                    || ' (score ' || {{ feature }}__score || ')'{{ ',' if not loop.last }}
                    {% endfor -%}
                    {% else -%}
                    {% for feature, setting in compared_features.items() if feature in numbers or not is_selective -%}
                    {% if is_selective %}case when {{ feature }}__strength_rank <= {{ most_telling }} then {% endif -%}
                    {% if setting.is_category -%}
                    {{ sql_text(columns[feature].label) }} || ' ' || coalesce({{ feature }}__value, 'not stated')
                    || case
                        when {{ feature }}__value is null then ''
                        else
                            ' against ' || {{ plain_text('100 * coalesce(' ~ feature ~ '__center, 0)', 0) }} || ' % '
                            || {{ feature }}__value
                    end
                    {%- else -%}
                    case
                        when {{ is_imputed(feature, 'imputed_features') }}
                            then {{ measured_text(feature, feature ~ '__fill_value') }} || ' (not known, filled in)'
                        else {{ measured_text(feature, feature ~ '__value') }}
                    end
                    || ' against ' || {{ measured_text(feature, feature ~ '__center', named=false) }}
                    {%- endif %}
                    {%- if is_selective %} end{% endif %}
                    {{- ',' if not loop.last }}
                    {% endfor -%}
                    {% endif %}
                )
            {% endfor -%}
        end as comparison,
        concat_ws(
            ', ',
            {% for feature in features -%}
            case
                when
                    not ({{ is_imputed(feature, 'imputed_features') }})
                    {% if rules -%}
                    and segmentation not in ('{{ rules | join("', '") }}')
                    {% endif -%}
                    and (
                        {{ feature }}__value < {{ feature }}__low_fence
                        or {{ feature }}__value > {{ feature }}__high_fence
                    )
                    then '{{ feature }}'
            end,
            {% endfor -%}
            null
        ) as clipped_features
    from placed

),

assigned as (

    select
        ---------- ids
        segmentation,
        customer_id,

        ---------- where the customer is
        cast(segment_id as integer) as segment_id,
        segment_key,
        segment_name,
        distance,

        ---------- where else it could be
        cast(runner_up_segment_id as integer) as runner_up_segment_id,
        runner_up_segment_name,
        runner_up_distance,

        ---------- how sure
        margin,
        membership,
        is_boundary,
        is_outlier,
        imputed_features,
        clipped_features,

        ---------- as of when, by which model
        as_of,
        model_version,

        ---------- why
        upper(substr(comparison, 1, 1)) || substr(comparison, 2)
        || {% if rules -%}
        case
            when segmentation in ('{{ rules | join("', '") }}') then ': ' || segment_name || '.'
            else {{ nearness }}
        end
        {%- else -%}
        {{ nearness }}
        {%- endif %} as reason
    from compared

)

select * from assigned
