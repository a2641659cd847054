{# Whether a customer may be contacted. A missing or unknown answer is no. Without the var `contact_column` the project
   knows of no consent, and everyone may be. #}
{% macro may_contact(customers) -%}
    {%- if var('contact_column') -%}
        coalesce(
            lower(trim(cast({{ customers }}.{{ var('contact_column') }} as {{ dbt.type_string() }})))
            in ('1', 'true', 't', 'yes', 'y', 'ja', 'oui', 'si', 'sí'),
            false
        )
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}
