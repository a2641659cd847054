{# What a group of a regular expression matches in a text; empty where the expression does not match. #}
{% macro regexp_group(text, pattern, number) -%}
    {{ return(adapter.dispatch('regexp_group', 'mall_segments')(text, pattern, number)) }}
{%- endmacro %}

{% macro default__regexp_group(text, pattern, number) -%}
    regexp_extract({{ text }}, '{{ pattern }}', {{ number }})
{%- endmacro %}

{% macro postgres__regexp_group(text, pattern, number) -%}
    coalesce((regexp_match({{ text }}, '{{ pattern }}'))[{{ number }}], '')
{%- endmacro %}
