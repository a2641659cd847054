{# A segment's single key: the segmentation and the number of the segment in it as one text; null without a segment. #}
{% macro segment_key(segmentation='segmentation', segment_id='segment_id') -%}
    {{ segmentation }} || ' ' || cast({{ segment_id }} as {{ dbt.type_string() }})
{%- endmacro %}
