{# How to speak of the age of a group: by the decade most of them are in, where they are alike enough to have one, else
   by how they compare with everyone. #}
{% macro age_words(decade, band) -%}
    case
        when {{ decade }} < 20 then 'under twenty'
        when {{ decade }} = 20 then 'in their twenties'
        when {{ decade }} = 30 then 'in their thirties'
        when {{ decade }} = 40 then 'in their forties'
        when {{ decade }} = 50 then 'in their fifties'
        when {{ decade }} = 60 then 'in their sixties'
        when {{ decade }} = 70 then 'in their seventies'
        when {{ decade }} >= 80 then 'over eighty'
        when {{ band }} = 'low' then 'younger'
        when {{ band }} = 'average' then 'of mixed ages'
        when {{ band }} = 'high' then 'older'
    end
{%- endmacro %}
