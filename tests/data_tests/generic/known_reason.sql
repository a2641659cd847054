{#- Reasons of rejection that the project does not know. -#}
{% test known_reason(model, column_name) %}

select distinct {{ column_name }}
from {{ model }}
where
    {{ column_name }} is not null
    and {{ column_name }} not in (
        {%- for reason in rejection_reasons() %}{{ sql_text(reason) }}{{ ', ' if not loop.last }}{% endfor -%}
    )

{% endtest %}
