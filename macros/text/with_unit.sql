{# A written number with its unit: '52 points'; an amount of the var `currency` has the sign where people write it:
   '52 €' or '$52', '-$52', '$52k per year'. `unit` is the unit itself, or with `is_column` the SQL of one. #}
{% macro with_unit(number, unit, is_column=false) -%}
    {%- set forms = [] -%}
    {%- for each in (numeric_features().values() | map(attribute='unit') | unique if is_column else [unit]) -%}
        {%- set money = amount_parts(each) -%}
        {%- if money -%}
            {%- set written -%}
                case when {{ number }} like '-%' then '-' else '' end || {{ sql_text(money.before) }}
                || replace({{ number }}, '-', '') || {{ sql_text(money.after) }}
            {%- endset -%}
            {%- do forms.append([each, written]) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if not is_column -%}
        {{ forms[0][1] if forms else number ~ (' || ' ~ sql_text(' ' ~ unit) if unit else '') }}
    {%- elif forms -%}
        case
            {% for each, written in forms -%}
            when {{ unit }} = {{ sql_text(each) }} then {{ written }}
            {% endfor -%}
            else {{ number }} || case when {{ unit }} = '' then '' else ' ' || {{ unit }} end
        end
    {%- else -%}
        {{ number }} || case when {{ unit }} = '' then '' else ' ' || {{ unit }} end
    {%- endif -%}
{%- endmacro %}

{# What stands before and after an amount of a unit that begins with the sign of the var `currency`, or with thousands
   or millions of it, where the sign stands before amounts; none for any other unit. #}
{% macro amount_parts(unit) -%}
    {%- set currency = var('currency') -%}
    {%- if currency and currency.place == 'before' -%}
        {%- for size in ['', 'k', 'M'] if (unit ~ ' ').startswith(size ~ currency.sign ~ ' ') -%}
            {%- set space = '' if modules.re.search('[^a-zA-Z.]$', currency.sign) else '\u00a0' -%}
            {{ return({'before': currency.sign ~ space, 'after': size ~ unit[(size ~ currency.sign) | length:]}) }}
        {%- endfor -%}
    {%- endif -%}
    {{ return(none) }}
{%- endmacro %}
