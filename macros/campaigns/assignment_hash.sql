{# A checksum of a row of `campaign_assignments`. Texts and whole numbers only, which every engine writes alike. #}
{% macro assignment_hash(row) -%}
    md5(concat_ws(
        '|',
        {{ row }}.campaign,
        {{ row }}.customer_id,
        {{ row }}.segmentation,
        cast({{ row }}.segment_id as {{ dbt.type_string() }}),
        {{ row }}.arm,
        cast(cast(round(1000000 * {{ row }}.holdout_share) as bigint) as {{ dbt.type_string() }}),
        coalesce(cast({{ row }}.drawn_among as {{ dbt.type_string() }}), 'joined later')
    ))
{%- endmacro %}
