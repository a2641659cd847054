{# The bin of a histogram that a value lies in, from 0. A hair is added, so that a value on an edge that no double
   meets, such as 0.3, is counted in the bin it opens. #}
{% macro histogram_bin(value, first_bin_start, bin_width) -%}
    floor(({{ value }} - {{ first_bin_start }}) / {{ bin_width }} + 1e-9)
{%- endmacro %}
