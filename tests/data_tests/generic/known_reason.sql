{#- Reasons of rejection that the project does not know, of `customers` or `purchases`. -#}
{% test known_reason(model, column_name, reasons='customers') %}
{%- set known = purchase_rejection_reasons() if reasons == 'purchases' else rejection_reasons() %}

select distinct {{ column_name }}
from {{ model }}
where
    {{ column_name }} is not null
    and {{ column_name }} not in (
        {%- for reason in known %}{{ sql_text(reason) }}{{ ', ' if not loop.last }}{% endfor -%}
    )

{% endtest %}
