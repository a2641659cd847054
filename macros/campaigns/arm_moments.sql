{# What the statistics of a campaign need to know of one arm: counts of retention and moments of revenue. Moments are
   null unless the revenue they are made of is known of every customer, so that they are of the customers counted. #}
{% macro arm_moments(arm, suffix) -%}
    {%- set during = "case when arm = '" ~ arm ~ "' then revenue_during end" -%}
    {%- set before = "case when arm = '" ~ arm ~ "' then revenue_before end" -%}
    sum(case when arm = '{{ arm }}' then 1 else 0 end) as measured_{{ suffix }},
    sum(case when arm = '{{ arm }}' then retained else 0 end) as retained_{{ suffix }},
    case when count(revenue_during) = count(*) then avg({{ during }}) end as mean_{{ suffix }},
    case when count(revenue_during) = count(*) then var_samp({{ during }}) end as variance_{{ suffix }},
    case when count(revenue_before) = count(*) then avg({{ before }}) end as mean_before_{{ suffix }},
    case when count(revenue_before) = count(*) then var_samp({{ before }}) end as variance_before_{{ suffix }},
    case
        when count(revenue_before) = count(*) and count(revenue_during) = count(*)
            then covar_samp({{ during }}, {{ before }})
    end as covariance_{{ suffix }}
{%- endmacro %}
