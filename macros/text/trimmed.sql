{# A value as text without the white space around it. Tabs and line breaks are rare, and looking for them is cheaper
   than trimming them. #}
{% macro trimmed(expression) -%}
    {%- set text = as_text(expression) -%}
    {%- set spaces = "[ ' || chr(9) || chr(10) || chr(13) || chr(160) || ']+" -%}
    case
        when
            {{ text }} like '%' || chr(9) || '%'
            or {{ text }} like '%' || chr(10) || '%'
            or {{ text }} like '%' || chr(13) || '%'
            then regexp_replace(regexp_replace({{ text }}, '^{{ spaces }}', ''), '{{ spaces }}$', '')
        else trim({{ text }})
    end
{%- endmacro %}
