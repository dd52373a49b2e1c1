-- Who stands above a customer and when.
with recursive {{ ancestors_over_time(ref('stg_files__customers'), 'customer_id') }}

select customer_id, ancestor_id, distance, valid_from, valid_to from chain
