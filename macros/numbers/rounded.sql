{# A number rounded to `digits` decimals, a half away from zero, on every engine: what stands in sentences and names has
   to be the same text. PostgreSQL by itself rounds the half of a double to the even number. #}
{% macro rounded(number, digits=0) -%}
    {{ return(adapter.dispatch('rounded', 'mall_segments')(number, digits)) }}
{%- endmacro %}

{% macro default__rounded(number, digits) -%}
    round({{ number }}{{ ', ' ~ digits if digits }})
{%- endmacro %}

{# By itself Spark rounds a double by its digits, others by its steps: 0.285 is 28.499999999999996 hundredths. #}
{% macro spark__rounded(number, digits) -%}
    {{ 'round((' ~ number ~ ') * 1e' ~ digits ~ ') / 1e' ~ digits if digits else 'round(' ~ number ~ ')' }}
{%- endmacro %}

{% macro postgres__rounded(number, digits) -%}
    (
        select (trunc(own.steps) + trunc(2 * (own.steps - trunc(own.steps)))) / 1e{{ digits }}
        from (select cast({{ number }} as double precision) * 1e{{ digits }} as steps offset 0) as own
    )
{%- endmacro %}
