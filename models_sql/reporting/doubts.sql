with

-- A champion that fails a gate: for want of one that passes them all, or because it is pinned.
of_models as (

    select
        segmentation,
        'The model in use, version ' || cast(model_version as {{ dbt.type_string() }}) || ': ' || verdict || '.'
            as doubt
    from {{ ref('segmentation_models') }}
    where is_champion and not passes_gates

),

of_data as (

    select
        '' as segmentation,
        warning as doubt
    from {{ ref('data_quality') }}
    where warning is not null

    union

    select
        '' as segmentation,
        warning as doubt
    from {{ ref('column_readings') }}
    where warning is not null

    union

    {% if has_purchases() -%}
    select
        '' as segmentation,
        warning as doubt
    from {{ ref('purchase_readings') }}
    where warning is not null

    union

    {% endif -%}
    select
        '' as segmentation,
        warning as doubt
    from {{ ref('feature_doubts') }}

),

doubts as (

    select
        segmentation,
        doubt
    from of_models

    union all

    select
        segmentation,
        doubt
    from of_data

)

select * from doubts
