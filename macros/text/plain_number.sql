{# The text of a number without what people write around and into it: currency signs and codes, and separators of
   thousands where they stand in groups of three. '1.234,50' and '12,5' can only be decimal commas and are read as
   such; '1,234' is a thousand. Anything else becomes null. No backslash, so that every engine reads the patterns alike. #}
{% macro plain_number(text) -%}
    {%- set codes = 'USD|EUR|GBP|CHF|JPY|CNY|INR' -%}
    {%- set spaces = ' \u00a0\u202f\u2019' -%}
    {%- set currency = '[' ~ spaces ~ ']*(' ~ codes ~ '|[$€£¥₹])?[' ~ spaces ~ ']*' -%}
    {%- set pattern = namespace(start='^[ ]*-?' ~ currency ~ '-?(', end=')' ~ currency ~ '$') -%}
    {%- set written = '$€£¥₹' ~ codes | replace('|', '') ~ spaces -%}
    case
        when
            {{ matches(text, pattern.start ~ '[0-9]+([.][0-9]+)?|[0-9]{1,3}([,' ~ spaces
                ~ '][0-9]{3})+([.][0-9]+)?' ~ pattern.end) }}
            then translate({{ text }}, '{{ written }},', '')
        when
            {{ matches(text, pattern.start ~ '[0-9]+,([0-9]{1,2}|[0-9]{4,})|[0-9]{1,3}([.' ~ spaces
                ~ '][0-9]{3})+,[0-9]+|[0-9]{1,3}([.][0-9]{3}){2,}' ~ pattern.end) }}
            then replace(translate({{ text }}, '{{ written }}.', ''), ',', '.')
    end
{%- endmacro %}
