{# A number that equal texts share, for finding equal ones cheaply; it differs between engines, so nothing that is
   published holds it. #}
{% macro text_hash(text) -%}
    {{ return(adapter.dispatch('text_hash', 'mall_segments')(text)) }}
{%- endmacro %}

{% macro default__text_hash(text) -%}
    hash({{ text }})
{%- endmacro %}

{% macro spark__text_hash(text) -%}
    xxhash64({{ text }})
{%- endmacro %}

{% macro postgres__text_hash(text) -%}
    hashtextextended({{ text }}, 0)
{%- endmacro %}
