{# Where a schema of ours is: its plain name for the targets that people query, so that a query reads the same on every
   engine, and behind the target's own schema for any other, so that developers do not meet. #}
{% macro schema_name(name) -%}
    {%- if target.name in ('duckdb', 'spark', 'postgres', 'prod') -%}
        {{ return(name) }}
    {%- endif -%}
    {{ return(target.schema ~ '_' ~ name) }}
{%- endmacro %}
