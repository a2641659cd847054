{# Whether a setting is a day that exists, written 2026-11-25 with or without quotes. #}
{% macro is_day(value) %}
    {% set text = value | string %}
    {% if value is number or not modules.re.fullmatch('[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])', text) %}
        {{ return(false) }}
    {% endif %}
    {% set year, month, day = text[:4] | int, text[5:7] | int, text[8:] | int %}
    {% set days = [31, 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28, 31, 30, 31, 30, 31, 31, 30,
        31, 30, 31] %}
    {{ return(year > 0 and day <= days[month - 1]) }}
{% endmacro %}
