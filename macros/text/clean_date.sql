{# A written date: 2026-11-25 with or without a time of day, 20261125, or day and month before the year with dots,
   slashes or dashes between. `is_day_first` says how the column is read where a date alone does not decide. #}
{% macro clean_date(text, is_day_first) -%}
    {%- set pattern = '^([0-9]{1,2})[./-]([0-9]{1,2})[./-]([0-9]{4})([ T].*)?$' -%}
    {%- set first, second = regexp_group(text, pattern, 1), regexp_group(text, pattern, 2) -%}
    {%- set year_first = '^([0-9]{4})[./-]([0-9]{1,2})[./-]([0-9]{1,2})([ T].*)?$' -%}
    {%- set compact = '^(19|20)[0-9]{2}(0[1-9]|1[0-2])[0-3][0-9]$' -%}
    {%- set written -%}
        case
            when {{ matches(text, '^[0-9]{4}-[0-9]{2}-[0-9]{2}') }} then substr({{ text }}, 1, 10)
            when {{ matches(text, compact) }}
                then substr({{ text }}, 1, 4) || '-' || substr({{ text }}, 5, 2) || '-' || substr({{ text }}, 7, 2)
            when {{ matches(text, year_first) }}
                then
                    {{ regexp_group(text, year_first, 1) }} || '-' || {{ regexp_group(text, year_first, 2) }}
                    || '-' || {{ regexp_group(text, year_first, 3) }}
            when {{ matches(text, pattern) }}
                then
                    {{ regexp_group(text, pattern, 3) }}
                    || case
                        when
                            {{ date_order(text) }} = 'day'
                            or ({{ date_order(text) }} = '?' and {{ is_day_first }})
                            then '-' || {{ second }} || '-' || {{ first }}
                        else '-' || {{ first }} || '-' || {{ second }}
                    end
        end
    {%- endset -%}
    {{ try_date(written) }}
{%- endmacro %}
