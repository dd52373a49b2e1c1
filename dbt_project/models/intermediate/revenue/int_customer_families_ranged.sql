-- Who stands above a customer and when: its parents as its own rows and theirs say for the day, at any depth. Families that run in a circle end where they
-- began.
with recursive chain as (
    select
        customer_id, parent_id as ancestor_id, valid_from, valid_to, 1 as distance,
        '/' || customer_id || '/' || parent_id || '/' as path
    from {{ ref('stg_files__customers') }}
    where parent_id is not null and parent_id <> customer_id
    union all
    select
        chain.customer_id, parents.parent_id, greatest(chain.valid_from, parents.valid_from), least(chain.valid_to, parents.valid_to), chain.distance + 1,
        chain.path || parents.parent_id || '/'
    from chain
    inner join {{ ref('stg_files__customers') }} as parents
        on chain.ancestor_id = parents.customer_id and chain.valid_from < parents.valid_to and parents.valid_from < chain.valid_to
    where parents.parent_id is not null and position('/' || parents.parent_id || '/' in chain.path) = 0
)

select customer_id, ancestor_id, distance, valid_from, valid_to from chain
