{%- set features = numeric_features() -%}
{%- set value_features = {} -%}
{%- for feature, weight in var('value_features').items() if feature in features -%}
    {%- do value_features.update({feature: weight}) -%}
{%- endfor -%}
with

profiles as (

    select * from {{ ref('segment_profiles') }}

),

totals as (

    select
        segmentation,
        sum(customers) as customers
    from profiles
    where feature_order = 1
    group by segmentation

),

measured as (

    select
        segmentation,
        segment_id,
        max(customers) as customers,
        max(case when feature = 'age' then mean end) as mean_age,
        max(case when feature = 'annual_income_k' then mean end) as mean_annual_income_k,
        max(case when feature = 'spending_score' then mean end) as mean_spending_score,
        max(case when feature = 'is_female' then mean end) as share_female,
        count(case when feature in ('annual_income_k', 'spending_score') then center end) = 2 as is_named_by_bands,
        max(case when feature = 'age' then z_score end) as age_z,
        max(case when feature = 'annual_income_k' then z_score end) as income_z,
        max(case when feature = 'spending_score' then z_score end) as spending_z,
        {% if value_features -%}
        (
            {% for feature, weight in value_features.items() -%}
            {{ weight }} * coalesce(max(case when feature = '{{ feature }}' then z_score end), 0)
            {{- ' +' if not loop.last }}
            {% endfor %}
        ) / {{ value_features.values() | sum }} as value_index
        {%- else -%}
        cast(null as double) as value_index
        {%- endif %}
    from profiles
    group by segmentation, segment_id

),

banded as (

    select
        *,
        {{ band('income_z') }} as income_band,
        {{ band('spending_z') }} as spending_band,
        case {{ band('age_z') }}
            when 'low' then 'younger'
            when 'average' then 'middle-aged'
            when 'high' then 'older'
        end as age_word,
        case
            when share_female >= 0.6 then 'mostly women'
            when share_female <= 0.4 then 'mostly men'
            when share_female is not null then 'women and men'
        end as gender_word
    from measured

),

strengths as (

    select
        segmentation,
        segment_id,
        {{ band('z_score') }} || ' ' || label as strength,
        row_number() over (
            partition by segmentation, segment_id
            order by abs(z_score) desc nulls last, feature_order
        ) as strength_rank
    from profiles
    where center is not null

),

strongest as (

    select
        segmentation,
        segment_id,
        max(case when strength_rank = 1 then strength end) as first_strength,
        max(case when strength_rank = 2 then strength end) as second_strength
    from strengths
    group by segmentation, segment_id

),

based as (

    select
        banded.*,
        concat_ws(
            ', ',
            banded.age_word,
            banded.income_band || ' income',
            banded.spending_band || ' spending',
            banded.gender_word
        ) as persona,
        names.nickname,
        coalesce(
            names.segment_name,
            upper(substr(strongest.first_strength, 1, 1))
            || substr(strongest.first_strength, 2)
            || coalesce(', ' || strongest.second_strength, '')
        ) as base_name,
        names.description
    from banded
    left join strongest
        on banded.segmentation = strongest.segmentation and banded.segment_id = strongest.segment_id
    left join {{ ref('segment_names') }} as names
        on
            banded.income_band = names.income_band
            and banded.spending_band = names.spending_band
            and banded.is_named_by_bands

),

-- Where two segments share a name, age tells them apart, then gender, then a number.
by_age as (

    select
        *,
        case
            when count(*) over (partition by segmentation, base_name) = 1 then ''
            else coalesce(', ' || age_word, '')
        end as age_suffix
    from based

),

by_gender as (

    select
        *,
        case
            when count(*) over (partition by segmentation, base_name, age_suffix) = 1 then ''
            else coalesce(', ' || gender_word, '')
        end as gender_suffix
    from by_age

),

by_number as (

    select
        *,
        case
            when count(*) over (partition by segmentation, base_name, age_suffix, gender_suffix) = 1 then ''
            else ' ' || cast(row_number() over (
                partition by segmentation, base_name, age_suffix, gender_suffix
                order by segment_id
            ) as {{ dbt.type_string() }})
        end as number_suffix
    from by_gender

),

suffixed as (

    select
        *,
        age_suffix || gender_suffix || number_suffix as suffix
    from by_number

),

named as (

    select
        ---------- ids
        suffixed.segmentation,
        cast(suffixed.segment_id as integer) as segment_id,

        ---------- what to call them
        suffixed.base_name || suffixed.suffix as segment_name,
        coalesce(suffixed.nickname, suffixed.base_name) || suffixed.suffix as nickname,
        suffixed.base_name,
        suffixed.persona,
        coalesce(suffixed.description, 'Customers with ' || lower(suffixed.base_name) || '.') as description,

        ---------- how many
        suffixed.customers,
        {{ significant('suffixed.customers * 1.0 / totals.customers') }} as share,

        ---------- how valuable
        {{ significant('suffixed.value_index') }} as value_index,
        cast(row_number() over (
            partition by suffixed.segmentation
            order by suffixed.value_index desc nulls last, suffixed.customers desc, suffixed.segment_id
        ) as integer) as value_rank,

        ---------- who they are
        suffixed.income_band,
        suffixed.spending_band,
        suffixed.mean_age,
        suffixed.mean_annual_income_k,
        suffixed.mean_spending_score,
        suffixed.share_female
    from suffixed
    inner join totals on suffixed.segmentation = totals.segmentation

)

select * from named
