{# A value as text; a double without an exponent where it has few digits before the point, on every engine. #}
{% macro as_text(expression) -%}
    {{ return(adapter.dispatch('as_text', 'mall_segments')(expression)) }}
{%- endmacro %}

{% macro default__as_text(expression) -%}
    cast({{ expression }} as {{ dbt.type_string() }})
{%- endmacro %}

{# Spark writes 12345678.5 as 1.23456785E7. #}
{% macro spark__as_text(expression) -%}
    {%- set text = 'cast(' ~ expression ~ ' as string)' -%}
    case
        when typeof({{ expression }}) in ('double', 'float') and {{ text }} like '%E%'
            then coalesce(
                regexp_replace(
                    regexp_replace(cast(try_cast({{ text }} as decimal(38, 20)) as string), '0+$', ''), '[.]$', '.0'
                ), {{ text }}
            )
        else {{ text }}
    end
{%- endmacro %}
