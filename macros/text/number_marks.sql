{# The second step of reading numbers that a plain cast does not, as CTEs that end in `marked`: of each text
   `<name>__text` of the CTE `spelled` its digits, and which mark it writes for decimals. #}
{% macro number_marks(names) -%}
split as (

    select
        *
        {%- for name in names %},
        case when {{ name }}__text is not null then {{ number_digits(name ~ '__text') }} end as {{ name }}__digits
        {%- endfor %}
    from spelled
    {{ kept_apart() }}

),

marked as (

    select
        *
        {%- for name in names %},
        case when {{ name }}__digits is not null then {{ decimal_mark(name ~ '__digits') }} end as {{ name }}__mark
        {%- endfor %}
    from split
    {{ kept_apart() }}

)
{%- endmacro %}
