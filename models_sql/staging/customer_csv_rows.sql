{{ config(enabled=loads_csv(var('customers_file'))) }}
select * from {{ customer_source(is_loaded=false) }}
