-- What no fence, fill or transform puts right: errors that many rows share, and features that cannot work as they are.
{%- set columns = customer_columns() -%}
{%- set numbers = segmentation_numbers() -%}
{%- set attributes = columns.keys() | list -%}
{%- set measured = customer_columns('number').keys() | list -%}
{#- A copy has at least so many customers in so many cells, and twice as many where the values became smaller, which moves
    nobody far; at most this share of them again lies between, more where chance has little say; and it is at most so
    uneven. -#}
{%- set fewest_copies, fewest_cells, most_uneven = 10, 3, 25e-1 -%}
{%- set most_between, many_copies, most_between_many = 2e-1, 100, 5e-1 -%}
{#- However many lie halfway, many copies as even as that are an error where those halfway are so many times less even: then
    the copies repeat gaps and crowds of the originals, which no single curve does. -#}
{%- set most_uneven_repeat, times_less_even = 11e-1, 8 -%}
{#- The share of customers without a value; and how far their mean of another feature may lie off, in deviations. -#}
{%- set most_missing, farthest_missing = 1e-1, 1 -%}
{#- At least this share of the customers should have every feature of a segmentation. -#}
{%- set fewest_complete = 5e-1 -%}
{#- The share of customers who equal another, and how often as many as by chance. -#}
{%- set most_repeats, times_by_chance = 2e-2, 20 -%}
{%- set roots = [] -%}
{%- for prime in [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97] -%}
    {%- do roots.append(prime ** 0.5 % 1) -%}
{%- endfor -%}
{#- From how many features on, and from which correlation, two of them say the same; 1.01 keeps what is no number out. -#}
{%- set many_features, redundant = 5, '9e-1 and 101e-2' -%}
{#- By rule no value is held, and whoever lacks one is scored all the same. -#}
{%- set fitted = segmentations_by('kmeans') -%}
{%- set fitted_numbers = [] -%}
{%- for segmentation in fitted -%}
    {%- do fitted_numbers.extend(segmentation_numbers(segmentation)) -%}
{%- endfor -%}
{%- set wide = [] -%}
{%- for segmentation in fitted if segmentation_numbers(segmentation) | length >= many_features -%}
    {%- do wide.append(segmentation) -%}
{%- endfor %}
with

statistics as (

    {% for name in numbers -%}
    select
        *,
        {{ 'false' if columns.get(name, {}).get('fill') is none else 'true' }} as has_fill,
        {{ 'true' if name in fitted_numbers else 'false' }} as is_fitted
    from {{ ref('feature_statistics') }}
    where feature = '{{ name }}'
    {{ 'union all' if not loop.last }}
    {% else -%}
    select
        *,
        false as has_fill,
        false as is_fitted
    from {{ ref('feature_statistics') }}
    where false
    {% endfor %}

),

totals as (

    select count(*) as customers from {{ ref('observed_features') }}

),

sampled as (

    select * from {{ ref('statistics_sample') }}

),

-- Of the factors that fit, the one that fits best.
fitting_copies as (

    select
        *,
        row_number() over (
            partition by feature, other_feature
            order by unevenness, customers desc, factor, direction
        ) as fit_rank
    from {{ ref('feature_copies') }}
    where
        customers >= {{ fewest_copies }} * case when direction < 0 then 2 else 1 end
        and cells >= {{ fewest_cells }}
        and (
            (
                least(halfway, coalesce(overlap, halfway))
                <= case when customers >= {{ many_copies }} then {{ most_between_many }} else {{ most_between }} end
                and unevenness <= {{ most_uneven }}
            )
            or (
                direction != 0
                and customers >= {{ many_copies }}
                and unevenness <= {{ most_uneven_repeat }}
                and halfway_unevenness >= {{ times_less_even }} * unevenness
            )
        )

),

-- The scales that any segmentation takes a feature on, and what is wrong with them.
used_scales as (

    select distinct
        scales.*,
        statistics.minimum,
        statistics.maximum,
        case when statistics.minimum < scales.low_fence then scales.low_fence end as held_low,
        case when statistics.maximum > scales.high_fence then scales.high_fence end as held_high,
        case
            when scales.middle_width > 0 and scales.stddev > scales.middle_width then 'stretched'
            when statistics.minimum < scales.low_fence or statistics.maximum > scales.high_fence then 'held'
        end as kind
    from {{ ref('feature_scales') }} as scales
    inner join {{ ref('segmentation_features') }} as used
        on scales.feature = used.feature and scales.transform = used.transform
    inner join statistics on scales.feature = statistics.feature
    where used.segmentation in ('{{ fitted | join("', '") }}')

),

doubted_scales as (

    select
        *,
        row_number() over (partition by feature, kind order by transform desc, setting) as scale_rank
    from used_scales
    where kind is not null

),

sampled_values as (

    {% for name in numbers -%}
    select
        customer_id,
        '{{ name }}' as feature,
        {{ name }} as feature_value
    from sampled
    {{ 'union all' if not loop.last }}
    {% else -%}
    select
        customer_id,
        '' as feature,
        0e0 as feature_value
    from sampled
    where false
    {% endfor %}

),

lacking as (

    select
        absent.feature,
        others.feature as other_feature,
        avg(others.feature_value) as mean_of_lacking
    from sampled_values as absent
    inner join sampled_values as others
        on absent.customer_id = others.customer_id and absent.feature != others.feature
    where absent.feature_value is null
    group by absent.feature, others.feature

),

-- Who lacks a feature, by the other feature in which they differ most from everybody.
told_apart as (

    select
        lacking.feature,
        lacking.other_feature,
        (lacking.mean_of_lacking - statistics.mean) / nullif(statistics.stddev, 0) as distance,
        row_number() over (
            partition by lacking.feature
            order by
                abs(lacking.mean_of_lacking - statistics.mean) / nullif(statistics.stddev, 0) desc nulls last,
                lacking.other_feature
        ) as distance_rank
    from lacking
    inner join statistics on lacking.other_feature = statistics.feature

),

complete as (

    {% for segmentation in fitted -%}
    select
        '{{ segmentation }}' as segmentation,
        count(*) as customers,
        count(
            case
                when
                    true
                    {% for name in segmentation_numbers(segmentation) if columns.get(name, {}).get('fill') is none -%}
                    and {{ name }} is not null
                    {% endfor -%}
                    then 1
            end
        ) as complete_customers
    from sampled
    union all
    {% endfor -%}
    select
        '' as segmentation,
        null as customers,
        null as complete_customers
    where false

),

levels as (

    {% for name in segmentation_categories() -%}
    select
        '{{ name }}' as feature,
        (select count(distinct {{ name }}) from sampled) as levels,
        (select count(*) from {{ ref('category_levels') }} where feature = '{{ name }}') as told_apart
    union all
    {% endfor -%}
    select
        '' as feature,
        0 as levels,
        0 as told_apart
    where false

),

{% if measured | length >= 3 -%}
-- Equal customers are drawn together, so that a sample shows how many there are: by the fraction of their numbers' sum, each
-- times the root of a prime of its own, which costs a hundredth of a hash of all their values. With a half added those who
-- have nothing but zeros are not always drawn.
mixed as (

    select
        *,
        5e-1 + {% for name in measured -%}
        {{ held(name, '-1e15', '1e15') }} * {{ '%.12e' % roots[loop.index0 % roots | length] }}{{ ' +' if not loop.last }}
        {% endfor %} as mixture__
    from {{ ref('observed_features') }}
    where
        {% for name in attributes -%}
        {{ name }} is not null{{ ' and' if not loop.last }}
        {% endfor %}

),

distinct_customers as (

    select
        {% for name in attributes -%}
        {{ name }},
        {% endfor -%}
        count(*) as customers
    from mixed
    cross join totals
    where
        totals.customers <= {{ var('training_sample_rows') }}
        or mixed.mixture__ - floor(mixed.mixture__) < {{ var('training_sample_rows') }} * 1e0 / totals.customers
    group by{% for name in attributes %} {{ name }}{{ ',' if not loop.last }}{% endfor %}

),

-- The chance that two customers agree in a number. Numbers depend on one another, so that those who agree in a few are
-- likely to agree in all: only the three that agree most often count.
chances as (

    {% for name in measured -%}
    select sum(customers * customers) * 1e0 / power(sum(customers), 2) as chance
    from (select count(*) as customers from sampled where {{ name }} is not null group by {{ name }}) as counted
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

{% endif -%}
repeats as (

    {% if measured | length >= 3 -%}
    select
        cast(sum(repeated.customers - 1) as {{ type_double() }}) / sum(repeated.customers) as share,
        max(totals.customers) / 2e0 * (
            select exp(sum(ln(chance)))
            from (select chance from chances order by chance desc limit 3) as likeliest
        ) as share_by_chance
    from distinct_customers as repeated
    cross join totals
    {% else -%}
    select
        0e0 as share,
        0e0 as share_by_chance
    {% endif %}

),

{% for segmentation in wide -%}
{%- set own = segmentation_numbers(segmentation) -%}
{{ segmentation }}__scales as (

    select
        {% for name in own -%}
        max(case when feature = '{{ name }}' then low_fence end) as {{ name }}_low_fence,
        max(case when feature = '{{ name }}' then high_fence end) as {{ name }}_high_fence,
        max(case when feature = '{{ name }}' and transform = 'log' then 1 else 0 end) as {{ name }}_is_log{{ ',' if not loop.last }}
        {% endfor %}
    from {{ ref('segmentation_features') }}
    where segmentation = '{{ segmentation }}'

),

{% endfor -%}
-- The values as the segmentations take them.
taken_values as (

    {% for segmentation in wide -%}
    {% for name in segmentation_numbers(segmentation) -%}
    {%- set held_value = held('sampled.' ~ name, 'scales.' ~ name ~ '_low_fence', 'scales.' ~ name ~ '_high_fence') -%}
    select
        '{{ segmentation }}' as segmentation,
        sampled.customer_id,
        '{{ name }}' as feature,
        {{ loop.index }} as feature_position,
        {{ transformed('(' ~ held_value ~ ')', 'scales.' ~ name ~ '_is_log = 1') }} as feature_value
    from sampled
    cross join {{ segmentation }}__scales as scales
    union all
    {% endfor -%}
    {% endfor -%}
    select
        '' as segmentation,
        customer_id,
        '' as feature,
        0 as feature_position,
        0e0 as feature_value
    from sampled
    where false

),

correlations as (

    select
        own.segmentation,
        own.feature,
        others.feature as other_feature,
        corr(own.feature_value, others.feature_value) as correlation
    from taken_values as own
    inner join taken_values as others
        on
            own.segmentation = others.segmentation
            and own.customer_id = others.customer_id
            and own.feature_position < others.feature_position
    group by own.segmentation, own.feature, others.feature

),

found as (

    select
        case when other_feature = '' then 'another unit' else 'swapped columns' end as kind,
        feature,
        other_feature,
        share,
        'About ' || {{ plain_text('100 * share') }} || ' % of the customers seem to have '
        || case
            when other_feature != ''
                then feature || ' and ' || other_feature || ' swapped: the other way round they lie where customers'
                    || ' who are otherwise alike do. Put them right'
            else feature || ' in another unit: it is ' || factor || ' times '
                || case when direction > 0 then 'higher' else 'lower' end || ' than that of customers who are otherwise alike. Convert them'
        end || ' before relying on the segments.' as warning
    from fitting_copies
    where fit_rank = 1

    union all

    select
        kind,
        feature,
        '' as other_feature,
        cast(null as {{ type_double() }}) as share,
        case
            when kind = 'stretched'
                then 'A few values of ' || feature || ' lie so far from the others that they set its scale, on which all'
                    || ' the other customers look alike: nine tenths of them span '
                    || {{ plain_text('middle_width / stddev', 2) }}
                    || ' standard deviations. Correct them if they are wrong, else set `transform: log`.'
            else 'Values of ' || feature || ' lie far beyond all others, '
                || case
                    when held_low is null then 'up to ' || {{ plain_text('maximum', 3) }}
                    when held_high is null then 'down to ' || {{ plain_text('minimum', 3) }}
                    else 'from ' || {{ plain_text('minimum', 3) }} || ' to ' || {{ plain_text('maximum', 3) }}
                end
                || ', and count as '
                || coalesce({{ plain_text('held_low', 3) }} || case when held_high is null then '' else ' and ' end, '')
                || coalesce({{ plain_text('held_high', 3) }}, '')
                || '. Correct them if they are wrong.'
        end as warning
    from doubted_scales
    where scale_rank = 1

    union all

    select
        'constant' as kind,
        feature,
        '' as other_feature,
        1e0 as share,
        feature || ' is the same for every customer, so it does nothing. Take it out of the segmentations, or look'
        || ' whether it is the right column.' as warning
    from statistics
    where minimum = maximum and missing_count < customers

    union all

    select
        'missing' as kind,
        statistics.feature,
        coalesce(told_apart.other_feature, '') as other_feature,
        {{ significant('statistics.missing_count * 1e0 / statistics.customers') }} as share,
        statistics.feature || ' is missing for ' || {{ plain_text('statistics.missing_count', 0) }} || ' of '
        || {{ plain_text('statistics.customers', 0) }}
        || ' customers'
        || case
            when abs(told_apart.distance) > {{ farthest_missing }}
                then ', who are not like the others: their ' || told_apart.other_feature || ' is '
                    || {{ plain_text('abs(told_apart.distance)') }} || ' standard deviations '
                    || case when told_apart.distance > 0 then 'over' else 'under' end || ' the mean'
            else ''
        end
        || '. They are not trained on and count as the median. Set `fill` to what a missing value means, or take the'
        || ' feature out.' as warning
    from statistics
    left join told_apart on statistics.feature = told_apart.feature and told_apart.distance_rank = 1
    where
        statistics.is_fitted
        and not statistics.has_fill
        and (
            statistics.missing_count > {{ most_missing }} * statistics.customers
            or (
                statistics.missing_count >= {{ smallest_segment('statistics.customers') }}
                and abs(told_apart.distance) > {{ farthest_missing }}
            )
        )

    union all

    select
        'incomplete' as kind,
        segmentation as feature,
        '' as other_feature,
        {{ significant('1 - complete_customers * 1e0 / customers') }} as share,
        'Only ' || {{ plain_text('100e0 * complete_customers / customers') }} || ' % of the customers have a value of every'
        || ' feature of ' || segmentation || ', and only they are trained on. Set `fill` to what a missing value means, or'
        || ' take out features that are often missing.' as warning
    from complete
    where complete_customers < {{ fewest_complete }} * customers

    union all

    select
        'levels' as kind,
        feature,
        '' as other_feature,
        cast(null as {{ type_double() }}) as share,
        feature || case
            when levels = 1
                then ' is the same for every customer, so it does nothing. Take it out of the segmentations, or look'
                    || ' whether it is the right column.'
            else ' has ' || levels || ' values, of which only the ' || (told_apart - 1)
                || ' most frequent are told apart. Group them, or take it out of the segmentations.'
        end as warning
    from levels
    where levels = 1 or levels > told_apart

    union all

    select
        'repeated customers' as kind,
        '' as feature,
        '' as other_feature,
        share,
        'About ' || {{ plain_text('100 * share') }} || ' % of the customers repeat another one in every column, '
        || 'far more than chance explains. If they are the same people under several ids, give one row per customer.'
            as warning
    from repeats
    where share >= {{ most_repeats }} and share > {{ times_by_chance }} * share_by_chance

    union all

    select
        'redundant' as kind,
        feature,
        other_feature,
        cast(null as {{ type_double() }}) as share,
        feature || ' and ' || other_feature || ' say nearly the same: their correlation is '
        || {{ plain_text('max(correlation)', 2) }} || ', so that what both say counts twice. Take one out of '
        || min(segmentation) || ', or halve the weight of each.' as warning
    from correlations
    where abs(correlation) between {{ redundant }}
    group by feature, other_feature

)

select * from found
