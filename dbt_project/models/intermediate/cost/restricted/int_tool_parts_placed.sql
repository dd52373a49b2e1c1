-- Each posting of tool spend by vendor, team and product. The file gives the shape, the ledger the amount: what names
-- no vendor goes to those of which the file says more than their own postings, what the ledger has beyond the file is
-- of no team, and where it has less, each team has less of it. Both postings and teams add up, to the minor unit.
with int_tool_postings_named as (select * from {{ ref('int_tool_postings_named') }}),
int_tool_bills_shaped as (select * from {{ ref('int_tool_bills_shaped') }}),
int_class_products_resolved as (select * from {{ ref('int_class_products_resolved') }}),

pools as (
    select fiscal_period, cast(sum(amount_minor) as bigint) as pool_minor
    from int_tool_postings_named
    where vendor_name is null
    group by fiscal_period
),

-- More than nothing where the file says more than the vendor's own postings.
short as (
    select vendor_name, fiscal_period, sum(amount_minor) as short_minor
    from (
        select vendor_name, fiscal_period, file_minor as amount_minor from int_tool_bills_shaped
        union all
        select postings.vendor_name, postings.fiscal_period, -postings.amount_minor
        from int_tool_postings_named as postings
        inner join (select distinct vendor_name, fiscal_period from int_tool_bills_shaped) as filed
            on postings.vendor_name = filed.vendor_name and postings.fiscal_period = filed.fiscal_period
    ) as both_sides
    group by vendor_name, fiscal_period
),

claims as (
    select pools.fiscal_period, pools.pool_minor, short.vendor_name, abs(short.short_minor) as weight
    from pools
    inner join short on pools.fiscal_period = short.fiscal_period
    where short.short_minor * sign(pools.pool_minor) > 0
),

claimed as (
    select * from claims
    union all
    select
        pools.fiscal_period, pools.pool_minor, 'UNMAPPED',
        greatest(abs(pools.pool_minor) - coalesce(sum(claims.weight), 0), 0)
    from pools
    left join claims on pools.fiscal_period = claims.fiscal_period
    where pools.pool_minor <> 0
    group by pools.fiscal_period, pools.pool_minor
),

pool_targets as (
    select fiscal_period, vendor_name, shared_minor as target_minor, vendor_name = 'UNMAPPED' as is_rest
    from ({{ shared_out('claimed', ['fiscal_period'], ['vendor_name'], 'pool_minor', 'weight') }}) as shared
    union all
    select fiscal_period, 'UNMAPPED', 0, true from pools where pool_minor = 0
),

nameless as (
    select gl_line_id, fiscal_period, posting_date, account_id, class_id, amount_minor as whole_posting_minor
    from int_tool_postings_named
    where vendor_name is null
),

pieces as (
    select
        gl_line_id, fiscal_period, posting_date, account_id, class_id, vendor_name,
        amount_minor as whole_posting_minor, amount_minor as piece_minor
    from int_tool_postings_named
    where vendor_name is not null
    union all
    select
        gl_line_id, fiscal_period, posting_date, account_id, class_id, vendor_name, whole_posting_minor, part_minor
    from (
        {{ both_ways(
            'nameless', 'pool_targets', ['fiscal_period'], 'whole_posting_minor',
            ['posting_date', 'account_id', 'whole_posting_minor', "coalesce(class_id, '')", 'gl_line_id'],
            'target_minor', ['vendor_name']
        ) }}
    ) as divided
    where part_minor <> 0
),

untagged as (
    select * from pieces where class_id is null
),

wholes as (
    select vendor_name, fiscal_period, cast(sum(piece_minor) as bigint) as untagged_minor
    from untagged
    group by vendor_name, fiscal_period
),

-- What of the file the ledger has: from nothing to all of it.
filed as (
    select
        cells.*, wholes.untagged_minor,
        sum(cells.file_minor) over (partition by cells.vendor_name, cells.fiscal_period) as all_file_minor
    from int_tool_bills_shaped as cells
    inner join wholes on cells.vendor_name = wholes.vendor_name and cells.fiscal_period = wholes.fiscal_period
),

explained as (
    select
        *,
        case
            when all_file_minor >= 0 then least(greatest(untagged_minor, 0), all_file_minor)
            else greatest(least(untagged_minor, 0), all_file_minor)
        end as explained_minor
    from filed
),

cells as (
    select vendor_name, fiscal_period, team_id, product_id, fitted_minor as target_minor
    from (
        {{ fitted(
            'explained', ['vendor_name', 'fiscal_period'], ['team_id', 'product_id'], 'file_minor', 'file_minor',
            'explained_minor'
        ) }}
    ) as explained_cells
),

targets as (
    select
        vendor_name, fiscal_period, team_id, product_id, cast(sum(target_minor) as bigint) as target_minor,
        product_id = 'UNATTRIBUTED' as is_rest
    from (
        select vendor_name, fiscal_period, team_id, product_id, target_minor from cells
        union all
        select vendor_name, fiscal_period, 'UNMAPPED', 'UNATTRIBUTED', untagged_minor from wholes
        union all
        select vendor_name, fiscal_period, 'UNMAPPED', 'UNATTRIBUTED', -target_minor from cells
    ) as parts
    group by vendor_name, fiscal_period, team_id, product_id
),

-- A class says the product, and nothing of the team.
tagged as (
    select gl_line_id, vendor_name, fiscal_period, piece_minor, whole_posting_minor
    from pieces
    where class_id is not null
),

class_shares as (
    select
        postings.gl_line_id, postings.amount_minor, products.product_id, products.weight_millionths
    from int_tool_postings_named as postings
    inner join int_class_products_resolved as products
        on postings.class_id = products.class_id and postings.posting_date = products.posting_date
),

class_parts as (
    select gl_line_id, product_id, shared_minor as target_minor, false as is_rest
    from (
        {{ shared_out('class_shares', ['gl_line_id'], ['product_id'], 'amount_minor', 'weight_millionths') }}
    ) as shared
),

placed as (
    select gl_line_id, fiscal_period, false as is_classed, vendor_name, team_id, product_id, part_minor
    from (
        {{ both_ways(
            'untagged', 'targets', ['vendor_name', 'fiscal_period'], 'piece_minor',
            ['posting_date', 'account_id', 'whole_posting_minor', 'gl_line_id'], 'target_minor',
            ['team_id', 'product_id']
        ) }}
    ) as untagged_parts
    union all
    select gl_line_id, fiscal_period, true, vendor_name, 'UNMAPPED', product_id, part_minor
    from (
        {{ both_ways(
            'tagged', 'class_parts', ['gl_line_id'], 'piece_minor', ['vendor_name'], 'target_minor', ['product_id']
        ) }}
    ) as tagged_parts
)

select
    gl_line_id,
    fiscal_period,
    is_classed,
    vendor_name,
    team_id,
    product_id,
    cast(part_minor as bigint) as amount_minor
from placed
where part_minor <> 0
