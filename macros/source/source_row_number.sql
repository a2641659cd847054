{# The number of a source row, counted in file order where the engine keeps one. #}
{% macro source_row_number() -%}
    {{ return(adapter.dispatch('source_row_number', 'mall_segments')()) }}
{%- endmacro %}

{% macro default__source_row_number() -%}
    row_number() over ()
{%- endmacro %}

{% macro spark__source_row_number() -%}
    monotonically_increasing_id() + 1
{%- endmacro %}
