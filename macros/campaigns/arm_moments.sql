{# What the statistics of a campaign need to know of one arm: counts of retention and moments of revenue. The moments
   that involve the revenue before are null unless it is known of every customer. #}
{% macro arm_moments(arm, suffix) -%}
    {%- set during = "case when arm = '" ~ arm ~ "' then revenue_during end" -%}
    {%- set before = "case when arm = '" ~ arm ~ "' then revenue_before end" -%}
    sum(case when arm = '{{ arm }}' then 1 else 0 end) as measured_{{ suffix }},
    sum(case when arm = '{{ arm }}' then retained else 0 end) as retained_{{ suffix }},
    avg({{ during }}) as mean_{{ suffix }},
    var_samp({{ during }}) as variance_{{ suffix }},
    case when count(revenue_before) = count(*) then avg({{ before }}) end as mean_before_{{ suffix }},
    case when count(revenue_before) = count(*) then var_samp({{ before }}) end as variance_before_{{ suffix }},
    case when count(revenue_before) = count(*) then covar_samp({{ during }}, {{ before }}) end as covariance_{{ suffix }}
{%- endmacro %}
