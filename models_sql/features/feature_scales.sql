-- How each number is held, transformed and scaled before distances are taken. Quantiles come from a uniform sample of
-- the customers, means and deviations from all of them.
{%- set declared = {} -%}
{%- for feature in numeric_features() -%}
    {%- do declared.update({feature: ['auto']}) -%}
{%- endfor -%}
{%- for segmentation in var('segmentations') -%}
    {%- for feature, setting in segmentation_features(segmentation).items() if not setting.is_category -%}
        {%- if setting.transform not in declared[feature] -%}
            {%- do declared[feature].append(setting.transform) -%}
        {%- endif -%}
    {%- endfor -%}
{%- endfor -%}
{#- In tails, from the median to the 5 or 95 % quantile, past the value that as many customers reach as the smallest
    segment needs: what lies farther out is wild; and where a side has wild values, what they are held to. -#}
{%- set wild, held_to = 2, 1 -%}
{#- A feature is strongly right-skewed where its upper tail is this many times as long as its lower one. -#}
{%- set skewed_tails = 3 -%}
{#- A tail thins out where each step of it is at least this much of the step before: the upper quarter up to the 95 %
    quantile against the quarter over the median, and from there to the 99 % quantile. One that does not is a group of
    large values, which the logarithm would only distort. -#}
{%- set thinning_steps = [5e-1, 25e-2] %}

with

totals as (

    select count(*) as customers from {{ ref('observed_features') }}

),

sampled as (

    select * from {{ ref('statistics_sample') }}

),

sampled_values as (

    {% for feature in declared -%}
    select
        '{{ feature }}' as feature,
        {{ feature }} as feature_value
    from sampled
    where {{ feature }} is not null
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

ranked as (

    select
        feature,
        feature_value,
        row_number() over (partition by feature order by feature_value) as value_rank,
        count(*) over (partition by feature) as sampled_rows
    from sampled_values

),

-- As many sampled values as stand for the customers of the smallest segment.
sized as (

    select
        ranked.*,
        ceil({{ smallest_segment('totals.customers') }} * ranked.sampled_rows * 1e0 / totals.customers) as handful
    from ranked
    cross join totals

),

-- The least value that a share of the customers keeps to; and the value that as many customers reach as the smallest
-- segment needs, from either end.
quantiles as (

    select
        feature,
        min(feature_value) as lowest,
        max(feature_value) as highest,
        min(case when value_rank >= 1e-2 * sampled_rows then feature_value end) as p01,
        min(case when value_rank >= 5e-2 * sampled_rows then feature_value end) as p05,
        min(case when value_rank >= 50e-2 * sampled_rows then feature_value end) as p50,
        min(case when value_rank >= 75e-2 * sampled_rows then feature_value end) as p75,
        min(case when value_rank >= 95e-2 * sampled_rows then feature_value end) as p95,
        min(case when value_rank >= 99e-2 * sampled_rows then feature_value end) as p99,
        min(case when value_rank >= handful then feature_value end) as low_handful,
        max(case when value_rank <= sampled_rows + 1 - handful then feature_value end)
            as high_handful
    from sized
    group by feature

),

tails as (

    select
        *,
        (p95 - p50) / nullif(p50 - p05, 0) as tails_ratio,
        p95 - p75 >= {{ thinning_steps[0] }} * (p75 - p50) and p99 - p95 >= {{ thinning_steps[1] }} * (p95 - p75)
            as is_thinning,
        ({{ transformed('p95', 'true') }} - {{ transformed('p50', 'true') }})
        / nullif({{ transformed('p50', 'true') }} - {{ transformed('p05', 'true') }}, 0) as log_tails_ratio
    from quantiles

),

-- A ratio of 1 is symmetric, and so are its logarithms around 0. No single value moves a quantile.
judged as (

    select
        *,
        coalesce(
            p01 >= 0
            and tails_ratio >= {{ skewed_tails }}
            and is_thinning
            and log_tails_ratio > 0
            and abs(ln(log_tails_ratio)) < abs(ln(tails_ratio)),
            false
        ) as is_skewed
    from tails

),

choices as (

    {% for feature, settings in declared.items() -%}
    {% set outer = loop -%}
    {% for setting in settings -%}
    select
        '{{ feature }}' as feature,
        '{{ setting }}' as setting
    {{ 'union all' if not (loop.last and outer.last) }}
    {% endfor -%}
    {% endfor %}

),

chosen as (

    select
        choices.feature,
        choices.setting,
        choices.setting = 'log' or (choices.setting = 'auto' and judged.is_skewed) as is_log,
        judged.is_skewed,
        judged.tails_ratio,
        judged.is_thinning,
        judged.lowest,
        judged.highest,
        judged.p05,
        judged.p50,
        judged.p95,
        judged.low_handful,
        judged.high_handful
    from choices
    left join judged on choices.feature = judged.feature

),

on_scale as (

    select
        *,
        {{ transformed('p50', 'is_log') }} - {{ transformed('p05', 'is_log') }} as low_tail,
        {{ transformed('p95', 'is_log') }} - {{ transformed('p50', 'is_log') }} as high_tail,
        {{ transformed('lowest', 'is_log') }} as scaled_lowest,
        {{ transformed('highest', 'is_log') }} as scaled_highest,
        {{ transformed('low_handful', 'is_log') }} as scaled_low_handful,
        {{ transformed('high_handful', 'is_log') }} as scaled_high_handful
    from chosen

),

scaled_fences as (

    select
        *,
        scaled_low_handful - low_tail * case
            when scaled_lowest < scaled_low_handful - {{ wild }} * low_tail then {{ held_to }} else {{ wild }}
        end as scaled_low_fence,
        scaled_high_handful + high_tail * case
            when scaled_highest > scaled_high_handful + {{ wild }} * high_tail then {{ held_to }} else {{ wild }}
        end as scaled_high_fence
    from on_scale

),

fenced as (

    select
        *,
        {{ in_own_unit('scaled_low_fence', 'is_log') }} as low_fence,
        {{ in_own_unit('scaled_high_fence', 'is_log') }} as high_fence
    from scaled_fences

),

-- One row, a column per figure, so that no join multiplies the customers.
fences as (

    select
        {% for feature, settings in declared.items() -%}
        {% set outer = loop -%}
        {% for setting in settings -%}
        {% for figure in ('low_fence', 'high_fence') -%}
        max(case when feature = '{{ feature }}' and setting = '{{ setting }}' then {{ figure }} end)
            as {{ feature }}_{{ setting }}_{{ figure }},
        {% endfor -%}
        max(case when feature = '{{ feature }}' and setting = '{{ setting }}' and is_log then 1 else 0 end)
            as {{ feature }}_{{ setting }}_is_log{{ ',' if not (loop.last and outer.last) }}
        {% endfor -%}
        {% endfor %}
    from fenced

),

held_customers as (

    select
        {% for feature, settings in declared.items() -%}
        {% set outer = loop -%}
        {% for setting in settings -%}
        {%- set prefix = 'fences.' ~ feature ~ '_' ~ setting -%}
        fences.{{ feature }}_{{ setting }}_is_log,
        {{ held('customers.' ~ feature, prefix ~ '_low_fence', prefix ~ '_high_fence') }}
            as {{ feature }}_{{ setting }}{{ ',' if not (loop.last and outer.last) }}
        {% endfor -%}
        {% endfor %}
    from {{ ref('observed_features') }} as customers
    cross join fences

),

measured as (

    select
        {% for feature, settings in declared.items() -%}
        {% set outer = loop -%}
        {% for setting in settings -%}
        {%- set value = feature ~ '_' ~ setting -%}
        {%- set on_scale = transformed(value, value ~ '_is_log = 1') -%}
        avg({{ value }}) as {{ value }}_held_mean,
        stddev_pop({{ value }}) as {{ value }}_held_stddev,
        avg({{ on_scale }}) as {{ value }}_mean,
        stddev_pop({{ on_scale }}) as {{ value }}_stddev{{ ',' if not (loop.last and outer.last) }}
        {% endfor -%}
        {% endfor %}
    from held_customers

),

by_setting as (

    {% for feature, settings in declared.items() -%}
    {% set outer = loop -%}
    {% for setting in settings -%}
    {%- set value = feature ~ '_' ~ setting -%}
    select
        '{{ feature }}' as feature,
        '{{ setting }}' as setting,
        {{ value }}_held_mean as held_mean,
        {{ value }}_held_stddev as held_stddev,
        {{ value }}_mean as mean,
        {{ value }}_stddev as stddev
    from measured
    {{ 'union all' if not (loop.last and outer.last) }}
    {% endfor -%}
    {% endfor %}

),

scales as (

    select
        ---------- ids
        by_setting.feature,
        by_setting.setting,

        ---------- the scale that distances are taken on
        case when fenced.is_log then 'log' else 'none' end as transform,
        case
            when by_setting.setting != 'auto' then 'Set by the project.'
            when fenced.tails_ratio is null then 'As it is: it hardly varies.'
            when fenced.is_log
                then 'Logarithm: the upper tail is ' || {{ plain_text('fenced.tails_ratio') }}
                    || ' times as long as the lower one.'
            when fenced.tails_ratio >= {{ skewed_tails }} and not fenced.is_thinning
                then 'As it is: the upper tail is ' || {{ plain_text('fenced.tails_ratio') }}
                    || ' times as long as the lower one, but it is a group of large values rather than a thinning tail.'
            else 'As it is: the upper tail is ' || {{ plain_text('fenced.tails_ratio') }}
                || ' times as long as the lower one; '
                || '{{ said_number(skewed_tails) }} and a low end of 0 or more ask for the logarithm.'
        end as transform_reason,
        fenced.low_fence,
        fenced.high_fence,
        {{ significant('by_setting.mean') }} as mean,
        {{ significant('by_setting.stddev') }} as stddev,
        {{ significant('(fenced.low_tail + fenced.high_tail)') }} as middle_width,

        ---------- the held values in the feature's own unit
        {{ significant('by_setting.held_mean') }} as held_mean,
        {{ significant('by_setting.held_stddev') }} as held_stddev
    from by_setting
    inner join fenced on by_setting.feature = fenced.feature and by_setting.setting = fenced.setting

)

select * from scales
