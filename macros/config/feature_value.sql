{# The value of the feature that a row names, out of the wide row of its customer: what makes long rows of wide ones. #}
{% macro feature_value(feature, customer) -%}
    case {{ feature }}
        {% for name in numeric_features() -%}
        when '{{ name }}' then {{ customer }}.{{ name }}
        {% endfor -%}
    end
{%- endmacro %}
