{# Checks the vars of campaigns, with one sentence that names the var and the remedy. #}
{% macro check_campaign_vars() %}
    {% set column = var('contact_column') %}
    {% if column and column not in customer_columns('category') %}
        {% do exceptions.raise_compiler_error(
            "var contact_column: `" ~ column ~ "` is not a category among the var customer_columns; add it there as "
            ~ "`" ~ column ~ ": {type: category}`. As a number a missing consent would be filled in.") %}
    {% endif %}
    {% if var('smallest_audience') is not integer or var('smallest_audience') < 1 %}
        {% do exceptions.raise_compiler_error(
            "var smallest_audience: " ~ var('smallest_audience') ~ " is not a whole number over 0.") %}
    {% endif %}
    {% if var('as_of') and not modules.re.fullmatch('[0-9]{4}-[0-9]{2}-[0-9]{2}', var('as_of') | string) %}
        {% do exceptions.raise_compiler_error(
            "var as_of: '" ~ var('as_of') ~ "' is not a day; write it as 2026-11-30, or null for the newest day known.") %}
    {% endif %}
    {% set known = {
        'level': [0, 0.5], 'power': [0.5, 1], 'worthwhile_uplift': [0, 1], 'assumed_retention': [0, 1],
        'ratio_alarm': [0, 1], 'margin': [0, none], 'next_budget': [0, none], 'learning_share': [0, 1],
    } %}
    {% for name in var('campaigns') if name not in known %}
        {% do exceptions.raise_compiler_error(
            "var campaigns: it has no setting `" ~ name ~ "`; use " ~ known | join(', ') ~ ".") %}
    {% endfor %}
    {% for name, (low, high) in known.items() %}
        {% set value = var('campaigns').get(name) %}
        {% if value is not number or value < low or (high is not none and value > high)
            or (name in ('level', 'worthwhile_uplift') and value == 0) or (name == 'power' and value == 1) %}
            {% do exceptions.raise_compiler_error(
                "var campaigns: `" ~ name ~ "` is " ~ value ~ "; make it a number "
                ~ ("over 0." if high is none else "between " ~ low ~ " and " ~ high ~ ".")
                ~ " A change of this var has to name all of " ~ known | join(', ') ~ ".") %}
        {% endif %}
    {% endfor %}
{% endmacro %}
