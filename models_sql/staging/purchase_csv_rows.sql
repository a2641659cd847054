{{ config(enabled=loads_csv(var('purchases_file'))) }}
select * from {{ purchase_source(is_loaded=false) }}
