{# Written before the bracket of a CTE that is read twice: read it again rather than hold all of its rows meanwhile. #}
{% macro not_materialized() -%}
    {{ return(adapter.dispatch('not_materialized', 'mall_segments')()) }}
{%- endmacro %}

{% macro default__not_materialized() -%}
{%- endmacro %}

{# Read by the adapter. #}
{% macro spark__not_materialized() -%}
    /* not materialized */
{%- endmacro %}

{% macro duckdb__not_materialized() -%}
    not materialized
{%- endmacro %}
