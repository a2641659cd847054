{# A cell of a table that people write by hand, by its type: 'text', 'number', 'day' or 'yes or no'. Null where it is
   blank, and where it cannot be read, which `unreadable_cells` tells of. #}
{% macro typed_cell(column, type) -%}
    {%- set text = 'trim(cast(' ~ column ~ ' as ' ~ dbt.type_string() ~ '))' -%}
    {%- if type == 'text' -%}
        nullif({{ text }}, '')
    {%- elif type == 'number' -%}
        case when {{ matches(text, '^[-+]?[0-9.]+([eE][-+]?[0-9]{1,2})?$') }} then {{ try_number(text) }} end
    {%- elif type == 'day' -%}
        case when {{ matches(text, '^[0-9]{4}-[0-9]{2}-[0-9]{2}') }} then {{ try_date('substr(' ~ text ~ ', 1, 10)') }} end
    {%- else -%}
        {{ clean_boolean(text) }} = 1
    {%- endif -%}
{%- endmacro %}

{# The columns whose cells hold something that is not of their type, as a list in a text; '' where there are none. #}
{% macro unreadable_cells(types) -%}
    substr(
        {%- for column, type in types.items() %}
        {%- set text = 'trim(cast(' ~ column ~ ' as ' ~ dbt.type_string() ~ '))' %}
        case
            when {{ column }} is not null and {{ typed_cell(column, type) }} is null and not {{ is_blank(text) }}
                then ', {{ column }}'
            else ''
        end
        {{- ' ||' if not loop.last }}
        {%- endfor %},
        3
    )
{%- endmacro %}
