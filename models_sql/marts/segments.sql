{%- set has_gender = 'gender' in customer_columns() -%}
{%- set rules = segmentations_by('rules') -%}
{%- set ruled = "('" ~ rules | join("', '") ~ "')" -%}
with

profiles as (

    select * from {{ ref('segment_profiles') }}

),

segment_values as (

    select * from {{ ref('segment_values') }}

),

totals as (

    select
        segmentation,
        sum(customers) as customers
    from segment_values
    group by segmentation

),

measured as (

    select
        segmentation,
        segment_id,
        max(case when feature = 'age' then mean end) as mean_age,
        max(case when feature = 'annual_income_k' then mean end) as mean_annual_income_k,
        max(case when feature = 'spending_score' then mean end) as mean_spending_score
    from profiles
    group by segmentation, segment_id

),

-- Whoever does not state a gender is neither counted as a woman nor as a man.
genders as (

    {% for segmentation in var('segmentations') if has_gender -%}
    select
        '{{ segmentation }}' as segmentation,
        {{ segmentation }}_segment_id as segment_id,
        count(case when {{ gender_group('gender') }} = 'women' then 1 end) as women,
        count(case when {{ gender_group('gender') }} = 'men' then 1 end) as men,
        count({{ gender_group('gender') }}) as stated
    from {{ ref('customer_scores') }}
    where {{ segmentation }}_segment_id is not null
    group by {{ segmentation }}_segment_id
    {{ 'union all' if not loop.last }}
    {% endfor %}
    {%- if not has_gender -%}
    select
        segmentation,
        segment_id,
        0 as women,
        0 as men,
        0 as stated
    from segment_values
    {%- endif %}

),

gender_shares as (

    select
        segmentation,
        segment_id,
        women * 1.0 / nullif(stated, 0) as share_female,
        men * 1.0 / nullif(stated, 0) as share_male,
        -- Half the 95 % interval of a share of one half: more than this from it is more than chance.
        0.98 / sqrt(nullif(stated, 0)) as chance
    from genders

),

bands as (

    select * from {{ ref('current_segment_bands') }}

),

-- What a feature of the segmentation says in a name.
phrases as (

    select
        bands.segmentation,
        bands.segment_id,
        bands.feature,
        bands.band,
        bands.is_of_segmentation,
        bands.name_place,
        bands.change_number,
        {{ age_words('bands.age_decade', 'bands.band') }} as age_words,
        case
            when bands.feature = 'age' then {{ age_words('bands.age_decade', 'bands.band') }}
            when bands.category = 'gender' then 'mostly ' || coalesce({{ gender_group('bands.level') }}, bands.level)
            when bands.category is not null then 'mostly ' || bands.level
            -- What is counted is few or many, not low or high.
            when profiles.label like 'days %' or profiles.feature = 'purchases'
                then
                    case bands.band when 'low' then 'few' when 'high' then 'many' else bands.band end
                    || ' ' || profiles.label
            else bands.band || ' ' || profiles.label
        end as phrase
    from bands
    left join profiles
        on
            bands.segmentation = profiles.segmentation
            and bands.segment_id = profiles.segment_id
            and bands.feature = profiles.feature

),

spoken as (

    select
        segmentation,
        segment_id,
        max(case when feature = 'annual_income_k' then band end) as income_band,
        max(case when feature = 'spending_score' then band end) as spending_band,
        max(case when feature = 'value' then band end) as value_band,
        max(case when feature = 'age' then age_words end) as age_word,
        count(case when feature in ('annual_income_k', 'spending_score') and is_of_segmentation then 1 end) = 2
            as is_named_by_bands,
        count(case when feature = 'age' and is_of_segmentation then 1 end) = 1 as is_named_by_age,
        count(case when feature = 'age' and name_place is not null then 1 end) = 1 as phrases_say_age,
        max(case when is_of_segmentation and feature != 'value' then change_number end) as named_since,
        concat_ws(
            ', ',
            max(case when name_place = 1 then phrase end),
            max(case when name_place = 2 then phrase end),
            max(case when name_place = 3 then phrase end)
        ) as phrases
    from phrases
    group by segmentation, segment_id

),

described as (

    select
        measured.*,
        segment_values.customers,
        segment_values.value_index,
        segment_values.value_low,
        segment_values.value_high,
        segment_values.value_rank,
        segment_values.value_group,
        coalesce(segment_values.value_group = 1 and spoken.value_band = 'high', false) as is_vip,
        {{ significant('genders.share_female') }} as share_female,
        spoken.income_band,
        spoken.spending_band,
        spoken.age_word,
        case
            when genders.share_female >= 0.6 and genders.share_female > 0.5 + genders.chance then 'mostly women'
            when genders.share_male >= 0.6 and genders.share_male > 0.5 + genders.chance then 'mostly men'
            when genders.share_female is not null then 'women and men'
        end as gender_word,
        spoken.is_named_by_bands,
        spoken.is_named_by_age,
        spoken.phrases_say_age,
        spoken.named_since,
        upper(substr(spoken.phrases, 1, 1)) || substr(spoken.phrases, 2) as phrases
    from measured
    inner join segment_values
        on
            measured.segmentation = segment_values.segmentation
            and measured.segment_id = segment_values.segment_id
    left join spoken
        on measured.segmentation = spoken.segmentation and measured.segment_id = spoken.segment_id
    left join gender_shares as genders
        on measured.segmentation = genders.segmentation and measured.segment_id = genders.segment_id

),

{% if rules -%}
-- A group may have several rows, one for each of its ranges of scores.
groups as (

    select
        segment_id,
        min(segment_name) as segment_name,
        min(description) as description,
        {{ dbt.bool_or('may_grow') }} as may_grow
    from {{ ref('rfm_groups') }}
    group by segment_id

),

{% endif -%}
based as (

    select
        described.*,
        concat_ws(
            ', ',
            described.age_word,
            described.income_band || ' income',
            described.spending_band || ' spending',
            described.gender_word
        ) as persona,
        {{ 'names.nickname' if trade() == 'mall' else 'cast(null as ' ~ dbt.type_string() ~ ') as nickname' }},
        coalesce(
            {% if rules -%}
            groups.segment_name,
            {% endif -%}
            names.segment_name, nullif(described.phrases, ''),
            'Segment ' || cast(described.segment_id as {{ dbt.type_string() }})
        ) as base_name,
        case
            when names.segment_name is not null and described.is_named_by_age
                then coalesce(', ' || described.age_word, '')
            else ''
        end as own_age,
        case
            {% if rules -%}
            when groups.segment_name is not null then ''
            {% endif -%}
            when names.segment_name is not null and described.is_named_by_age then ''
            when names.segment_name is null and described.phrases_say_age then ''
            else coalesce(', ' || described.age_word, '')
        end as further_age,
        {{ 'coalesce(groups.description, names.description) as description' if rules else 'names.description' }},
        coalesce({{ 'groups.may_grow, ' if rules }}names.may_grow, true) as may_grow
    from described
    left join {{ ref('segment_names') }} as names
        on
            described.income_band = names.income_band
            and described.spending_band = names.spending_band
            and described.is_named_by_bands
            {% if rules -%}
            and described.segmentation not in {{ ruled }}
            {%- endif %}
    {% if rules -%}
    left join groups
        on described.segment_id = groups.segment_id and described.segmentation in {{ ruled }}
    {%- endif %}

),

-- Where segments share a name, the one that had it before the others keeps it.
shared as (

    select
        *,
        count(*) over (partition by segmentation, base_name, own_age) = 1
        or (
            named_since = min(named_since) over (partition by segmentation, base_name, own_age)
            and count(*) over (partition by segmentation, base_name, own_age, named_since) = 1
        ) as keeps_name
    from based

),

-- The others are distinguished by age, then by gender, then by a number.
by_age as (

    select
        *,
        case when keeps_name then '' else further_age end as age_suffix
    from shared

),

by_gender as (

    select
        *,
        case
            when keeps_name then ''
            when count(*) over (partition by segmentation, base_name, own_age, age_suffix) = 1 then ''
            else coalesce(', ' || nullif(gender_word, 'women and men'), '')
        end as gender_suffix
    from by_age

),

by_number as (

    select
        *,
        case
            when keeps_name then ''
            when count(*) over (partition by segmentation, base_name, own_age, age_suffix, gender_suffix) = 1 then ''
            else ' ' || cast(row_number() over (
                partition by segmentation, base_name, own_age, age_suffix, gender_suffix
                order by named_since, segment_id
            ) as {{ dbt.type_string() }})
        end as number_suffix
    from by_gender

),

suffixed as (

    select
        *,
        own_age || age_suffix || gender_suffix || number_suffix as suffix
    from by_number

),

named as (

    select
        ---------- ids
        suffixed.segmentation,
        cast(suffixed.segment_id as integer) as segment_id,
        {{ segment_key('suffixed.segmentation', 'suffixed.segment_id') }} as segment_key,

        ---------- what to call them
        suffixed.base_name || suffixed.suffix as segment_name,
        coalesce(suffixed.nickname, suffixed.base_name) || suffixed.suffix as nickname,
        suffixed.base_name,
        suffixed.persona,
        coalesce(
            suffixed.description,
            'Against all customers: ' || lower(substr(suffixed.base_name, 1, 1)) || substr(suffixed.base_name, 2) || '.'
        ) as description,

        ---------- how many
        suffixed.customers,
        {{ significant('suffixed.customers * 1.0 / totals.customers') }} as share,
        cast(floor(reliability.share_low * totals.customers) as bigint) as customers_low,
        cast(ceil(reliability.share_high * totals.customers) as bigint) as customers_high,

        ---------- how clear
        reliability.silhouette,
        reliability.stability,
        reliability.is_reproducible,

        ---------- how valuable
        suffixed.value_index,
        suffixed.value_low,
        suffixed.value_high,
        suffixed.value_rank,
        suffixed.value_group,
        suffixed.is_vip,
        suffixed.may_grow,

        ---------- who they are
        suffixed.income_band as segment_income_band,
        suffixed.spending_band as segment_spending_band,
        suffixed.mean_age,
        suffixed.mean_annual_income_k,
        suffixed.mean_spending_score,
        suffixed.share_female
    from suffixed
    inner join totals on suffixed.segmentation = totals.segmentation
    left join {{ ref('segment_reliability') }} as reliability
        on suffixed.segmentation = reliability.segmentation and suffixed.segment_id = reliability.segment_id

),

-- Of two segments whose intervals overlap nobody can say which is worth more.
equals as (

    select
        named.segmentation,
        named.segment_id,
        {{ dbt.listagg('others.nickname', "', '", 'order by others.value_rank') }} as about_equal_to
    from named
    inner join named as others
        on
            named.segmentation = others.segmentation
            and named.segment_id != others.segment_id
            and named.value_low <= others.value_high
            and named.value_high >= others.value_low
    group by named.segmentation, named.segment_id

),

segments_of_today as (

    select
        named.*,
        coalesce(equals.about_equal_to, '') as about_equal_to,
        segmentations.as_of,
        segmentations.model_version
    from named
    left join equals
        on named.segmentation = equals.segmentation and named.segment_id = equals.segment_id
    left join {{ ref('segmentations') }} as segmentations on named.segmentation = segmentations.segmentation

)

select * from segments_of_today
