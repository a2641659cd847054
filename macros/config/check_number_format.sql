{# Stops the run where nobody could read the numbers of the vars `number_format` and `currency`. #}
{% macro check_number_format() %}
    {% set marks = var('number_format') %}
    {% if marks %}
        {% set groupings = ['.', ',', ' ', "'", '\u2019', '\u00a0', '\u202f'] %}
        {% if marks.decimal not in ['.', ','] %}
            {% do exceptions.raise_compiler_error(
                "var number_format: decimal is `" ~ marks.decimal ~ "`; make it a point, '.', or a comma, ','.") %}
        {% elif marks.get('grouping') is not none and marks.grouping not in groupings %}
            {% do exceptions.raise_compiler_error(
                "var number_format: grouping is `" ~ marks.grouping ~ "`; make it '.', ',', ' ', an apostrophe, or null for"
                ~ " none.") %}
        {% elif marks.get('grouping') == marks.decimal %}
            {% do exceptions.raise_compiler_error(
                "var number_format: decimal and grouping are both `" ~ marks.decimal ~ "`, so that 1" ~ marks.decimal
                ~ "234 would say two things; make them differ, or grouping null.") %}
        {% elif marks.get('groups') is not none %}
            {% do check_known('var number_format: groups', marks.groups, ['thousands', 'lakhs']) %}
        {% endif %}
    {% endif %}
    {% set currency = var('currency') %}
    {% if currency %}
        {% do check_known('var currency: place', currency.place, ['before', 'after']) %}
        {% if modules.re.search('[0-9 ,;|-]', currency.sign) or currency.sign | length > 4 %}
            {% do exceptions.raise_compiler_error(
                "var currency: sign is `" ~ currency.sign ~ "`; make it a sign or a code of up to four letters, as in €, kr"
                ~ " or CHF.") %}
        {% endif %}
    {% endif %}
{% endmacro %}
