{# The digits of a whole number up to 15 of them, with the grouping mark of the var `number_format` between groups. #}
{% macro grouped_digits(digits) -%}
    {%- set mark = sql_text(grouping_mark()) -%}
    {%- set groups, start = [], namespace(at=1) -%}
    {%- set sizes = [2, 2, 2, 2, 2, 2, 3] if var('number_format').get('groups') == 'lakhs' else [3, 3, 3, 3, 3] -%}
    {%- for size in sizes -%}
        {%- do groups.append("substr(lpad(" ~ digits ~ ", 15, '0'), " ~ start.at ~ ', ' ~ size ~ ')') -%}
        {%- set start.at = start.at + size -%}
    {%- endfor -%}
    trim(leading {{ sql_text('0' ~ grouping_mark()) }} from {{ groups | join(' || ' ~ mark ~ ' || ') }})
{%- endmacro %}

{# The mark between groups of digits, a comma by default, '' for none; a space is one at which no line ends. #}
{% macro grouping_mark() -%}
    {{ return(((var('number_format') or {'grouping': ','}).get('grouping') or '') | replace(' ', '\u00a0')) }}
{%- endmacro %}
