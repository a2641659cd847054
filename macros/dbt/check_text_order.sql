{# Warns where the engine sorts texts otherwise than by their bytes: what is tied is put in order by a text, and should
   be in the same order everywhere. #}
{% macro check_text_order() %}
    {{ return(adapter.dispatch('check_text_order', 'mall_segments')()) }}
{% endmacro %}

{% macro default__check_text_order() %}
{% endmacro %}

{% macro postgres__check_text_order() %}
    {{ warn_of(
        "select 'The database ' || current_database() || ' sorts texts by the rules of a language, other engines by "
        ~ "their bytes, so that ties may be broken otherwise than there. Create it with `create database <name> "
        ~ "template template0 lc_collate ''C''`.' where 'a' < 'B'") }}
{% endmacro %}
