{# The features that are computed from purchases: {name: {label, unit, min, max}}; none where there are no purchases. #}
{% macro purchase_features() %}
    {% set features = {} %}
    {% if has_purchases() %}
        {% set kept = (purchase_columns().get('currency') or {}).get('keep') or '' %}
        {% set currency = (var('currency') or {}).get('sign', kept) %}
        {% do features.update({
            'recency_days': {'label': 'days since the last purchase', 'unit': 'days', 'min': 0},
            'purchases': {'label': 'purchases', 'unit': '', 'min': 0},
            'revenue': {'label': 'revenue', 'unit': currency},
            'average_basket': {'label': 'basket value', 'unit': currency, 'min': 0},
            'tenure_days': {'label': 'days since the first purchase', 'unit': 'days', 'min': 0},
            'days_between_purchases': {'label': 'days between purchases', 'unit': 'days', 'min': 0},
            'return_share': {'label': 'share of sales returned', 'unit': '', 'min': 0},
        }) %}
        {% if 'category' in purchase_columns() %}
            {% do features.update({
                'favorite_category_share': {'label': 'share of the favorite category', 'unit': '', 'min': 0, 'max': 1},
            }) %}
        {% endif %}
        {% do features.update({'is_active': {'label': 'share of active customers', 'unit': '', 'min': 0, 'max': 1}}) %}
        {% if scores_purchases() %}
            {% do features.update({
                'spending_score': {'label': 'spending score', 'unit': 'points', 'min': 1, 'max': 100},
            }) %}
        {% endif %}
    {% endif %}
    {{ return(features) }}
{% endmacro %}
