{# The text of a number without what people write around it: currency signs and codes, spaces, and thousands
   separators where they stand in groups of three. Anything else is left to fail the cast. #}
{% macro plain_number(text) -%}
    {{ return(adapter.dispatch('plain_number')(text)) }}
{%- endmacro %}

{% macro default__plain_number(text) -%}
    case
        when regexp_matches({{ text }}, '^\s*-?\s*[$€£¥]?\s*-?\d{1,3}(,\d{3})*(\.\d+)?\s*[$€£¥]?\s*$')
            then regexp_replace({{ text }}, '[^0-9.\-]', '', 'g')
    end
{%- endmacro %}

{% macro spark__plain_number(text) -%}
    case
        when {{ text }} rlike '^\\s*-?\\s*[$€£¥]?\\s*-?\\d{1,3}(,\\d{3})*(\\.\\d+)?\\s*[$€£¥]?\\s*$'
            then regexp_replace({{ text }}, '[^0-9.\\-]', '')
    end
{%- endmacro %}
