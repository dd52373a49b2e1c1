-- A class is what its own id says on the day of the posting. Where the switch `classes_inherit` is on, a class without
-- a row is its nearest mapped parent's, however deep the tree.
with recursive stg_quickbooks__names as (select * from {{ ref('stg_quickbooks__names') }}),
fct_gl_line as (select * from {{ ref('fct_gl_line') }}),
int_policies_read as (select * from {{ ref('int_policies_read') }}),

classes as (
    select name_id as class_id, parent_id, date '0001-01-01' as valid_from, date '9999-12-31' as valid_to
    from stg_quickbooks__names
    where stream = 'classes'
),

{{ ancestors_over_time('classes', 'class_id') }},

days as (
    select distinct class_id, posting_date from fct_gl_line where class_id is not null
),

candidates as (
    select class_id, posting_date, class_id as candidate_id, 0 as distance from days
    union all
    select days.class_id, days.posting_date, chain.ancestor_id, chain.distance
    from days
    inner join chain on days.class_id = chain.class_id
    inner join int_policies_read as policy on policy.classes_inherit
),

places as (
    select distinct
        'quickbooks' as mapped_source, 'class' as object_type, candidate_id as place, candidate_id as place_key,
        posting_date as mapping_date
    from candidates
),

mapped as (
    {{ mapped_products('places') }}
),

ranked as (
    select
        candidates.class_id, candidates.posting_date, mapped.product_id, mapped.weight,
        dense_rank() over (
            partition by candidates.class_id, candidates.posting_date order by candidates.distance
        ) as nearness
    from candidates
    inner join mapped
        on candidates.candidate_id = mapped.place and candidates.posting_date = mapped.mapping_date
)

select
    days.class_id,
    days.posting_date,
    coalesce(ranked.product_id, 'UNMAPPED') as product_id,
    cast(coalesce(ranked.weight, 1) * 1000000 as bigint) as weight_millionths
from days
left join ranked
    on days.class_id = ranked.class_id and days.posting_date = ranked.posting_date and ranked.nearness = 1
