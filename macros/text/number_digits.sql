{# The digits and separators of a written number, without what people write around them: a sign, brackets for a
   negative amount, a currency, a percent sign. Empty where anything else stands there, as in '12 abc' or '7-'.
   `text` is spelled as `number_text` spells it. No backslash, so that every engine reads the pattern alike. #}
{% macro number_digits(text) -%}
    {%- set currency = [
        '[$€£¥₹₩₽₺₫₪₴฿₦₱]', '(?:us|a|au|c|ca|hk|mx|nt|nz|r|s)[$]', 'kr[.]?', 'zł', 'kč', 'ft', 's?fr[.]?', 'rs[.]?', 'rp[.]?',
        'usd', 'eur', 'gbp', 'chf', 'jpy', 'cny', 'inr', 'aud', 'brl', 'cad', 'czk', 'dkk', 'hkd', 'huf', 'idr', 'ils',
        'krw', 'mxn', 'myr', 'nok', 'nzd', 'php', 'pln', 'ron', 'sek', 'sgd', 'thb', 'try', 'zar', 'aed', 'sar',
    ] | join('|') -%}
    {%- set sign = ' ?[-+]? ?' -%}
    {%- set pattern = '^[(]?' ~ sign ~ '(' ~ currency ~ ')?' ~ sign
        ~ '([0-9][0-9., ]*[0-9]|[0-9]|[.,][0-9]+) ?(' ~ currency ~ ')? ?%?[)]?$' -%}
    case
        when
            {{ text }} like '%-%-%'
            or ({{ text }} like '(%') <> ({{ text }} like '%)')
            or ({{ text }} like '(%' and {{ text }} like '%-%')
            then ''
        else {{ regexp_group(text, pattern, 2) }}
    end
{%- endmacro %}
