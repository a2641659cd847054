-- What is wrong with the training sample: a customer in it twice, a row that stands for less than one, too many rows.
with

sample as (

    select * from {{ ref('training_sample') }}

),

faults as (

    select
        segmentation,
        'the sample has more rows than the var training_sample_rows' as fault
    from sample
    group by segmentation
    having count(*) > {{ var('training_sample_rows') }}

    union all

    select
        segmentation,
        'a row stands for less than one customer' as fault
    from sample
    where sample_weight < 1 or sample_weight is null

    union all

    select
        segmentation,
        'a customer is in the sample twice' as fault
    from sample
    group by segmentation, customer_id
    having count(*) > 1

)

select * from faults
