-- What stands above a product and when: its parents as its own rows and theirs say for the day. Itself and the company always do, also on days for which
-- nobody describes the product. Written as a closure, so that a catalogue of any depth is one join; a catalogue that runs in a circle ends where it began.
with recursive chain as (
    select
        product_id, parent_id as ancestor_id, valid_from, valid_to, 1 as distance,
        '/' || product_id || '/' || parent_id || '/' as path
    from {{ ref('stg_files__products') }}
    where parent_id is not null and parent_id <> product_id
    union all
    select
        chain.product_id, parents.parent_id, greatest(chain.valid_from, parents.valid_from), least(chain.valid_to, parents.valid_to), chain.distance + 1,
        chain.path || parents.parent_id || '/'
    from chain
    inner join {{ ref('stg_files__products') }} as parents
        on chain.ancestor_id = parents.product_id and chain.valid_from < parents.valid_to and parents.valid_from < chain.valid_to
    where parents.parent_id is not null and position('/' || parents.parent_id || '/' in chain.path) = 0
),

members as (
    select product_id from {{ ref('stg_files__products') }}
    union
    select product_id from {{ ref('stg_files__product_maps') }}
    union
    select 'UNMAPPED'
)

select product_id, ancestor_id, distance, valid_from, valid_to from chain
union all
select product_id, product_id, 0, date '0001-01-01', date '9999-12-31' from members
union all
select product_id, 'COMPANY', null, date '0001-01-01', date '9999-12-31' from members
