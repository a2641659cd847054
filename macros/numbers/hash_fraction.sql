{# A text hashed to a number in [0, 1), the same on every engine: the first 52 bits of its MD5. #}
{% macro hash_fraction(text) -%}
    {{ return(adapter.dispatch('hash_fraction', 'mall_segments')(text)) }}
{%- endmacro %}

{% macro default__hash_fraction(text) -%}
    cast('0x' || substr(md5({{ text }}), 1, 13) as bigint) / 4503599627370496.0
{%- endmacro %}

{% macro spark__hash_fraction(text) -%}
    cast(conv(substr(md5({{ text }}), 1, 13), 16, 10) as bigint) / 4503599627370496.0D
{%- endmacro %}

{% macro postgres__hash_fraction(text) -%}
    cast(cast('x' || substr(md5({{ text }}), 1, 13) as bit(52)) as bigint) / cast(4503599627370496 as double precision)
{%- endmacro %}
