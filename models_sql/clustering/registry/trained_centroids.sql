{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='append_new_columns',
    full_refresh=false,
) }}
-- Written last of what a version leaves, so that one of which a build wrote only a part does not count.
-- depends_on: {{ ref('segment_overlaps') }}
{% if scores_purchases() or has_rules() -%}
-- depends_on: {{ ref('trained_cuts') }}
{% endif -%}
{% if has_rules() -%}
-- depends_on: {{ ref('trained_rules') }}
{% endif -%}
with

new_centroids as (

    select * from {{ ref('new_centroids') }}

)

select * from new_centroids -- noqa: AM04
