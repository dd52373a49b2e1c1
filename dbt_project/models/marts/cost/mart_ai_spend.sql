-- What the ledger has, what ai_spend.csv says, and what only one of them knows, each of a vendor and period as a whole.
with int_tool_parts_placed as (select * from {{ ref('int_tool_parts_placed') }}),
int_tool_bills_shaped as (select * from {{ ref('int_tool_bills_shaped') }}),
int_bamboohr_clocks_read as (select * from {{ ref('int_bamboohr_clocks_read') }}),
int_files_clocks_read as (select * from {{ ref('int_files_clocks_read') }}),
int_fiscal_periods_begun as (select * from {{ ref('int_fiscal_periods_begun') }}),
int_ledger_differences_found as (select * from {{ ref('int_ledger_differences_found') }}),
int_quickbooks_clocks_read as (select * from {{ ref('int_quickbooks_clocks_read') }}),
stg_quickbooks__preferences as (select * from {{ ref('stg_quickbooks__preferences') }}),
dim_team as (select * from {{ ref('dim_team') }}),

both_sides as (
    select
        fiscal_period, vendor_name, team_id, product_id, amount_minor as ledger_minor,
        cast(0 as bigint) as file_minor
    from int_tool_parts_placed
    union all
    select fiscal_period, vendor_name, team_id, product_id, 0, file_minor from int_tool_bills_shaped
),

vendors as (
    select
        fiscal_period, vendor_name, sum(ledger_minor) as ledger_minor, sum(file_minor) as file_minor,
        case
            when sum(file_minor) >= 0 then least(greatest(sum(ledger_minor), 0), sum(file_minor))
            else greatest(least(sum(ledger_minor), 0), sum(file_minor))
        end as explained_minor
    from both_sides
    group by fiscal_period, vendor_name
),

-- What no team has, and what waits for overhead, is of no product here.
sums as (
    select
        fiscal_period, vendor_name, team_id,
        case when product_id in ('UNATTRIBUTED', 'OVERHEAD') then 'UNALLOCATED' else product_id end as product_id,
        sum(ledger_minor) as ledger_minor, sum(file_minor) as file_minor, sum(not_in_file_minor) as not_in_file_minor,
        sum(not_in_ledger_minor) as not_in_ledger_minor
    from (
        select *, 0 as not_in_file_minor, 0 as not_in_ledger_minor from both_sides
        union all
        select
            fiscal_period, vendor_name, 'UNMAPPED', 'UNATTRIBUTED', 0, 0, ledger_minor - explained_minor,
            file_minor - explained_minor
        from vendors
    ) as items
    group by 1, 2, 3, 4
),

clock as (
    select
        least(books.data_as_of, people.data_as_of, files.data_as_of) as data_as_of,
        least(books.loaded_at, people.loaded_at, files.loaded_at) as loaded_at,
        preferences.home_currency, preferences.book_close_date
    from int_quickbooks_clocks_read as books
    cross join int_bamboohr_clocks_read as people
    cross join int_files_clocks_read as files
    cross join stg_quickbooks__preferences as preferences
),

labelled as (
    {{ labelled('sums', 'int_fiscal_periods_begun', 'clock', named=[], currency='clock.home_currency') }}
)

select
    false as is_rollup,
    {{ period_and_product('labelled') }},
    labelled.vendor_name,
    labelled.team_id,
    teams.team_name,
    {% for measure in ['ledger', 'file'] %}
    {{ in_units('labelled.' ~ measure ~ '_minor', 'labelled') }} as {{ measure }}_amount,
    {% endfor %}
    {% for measure in ['not_in_file', 'not_in_ledger'] %}
    {{ in_units('labelled.' ~ measure ~ '_minor', 'labelled') }} as {{ measure }},
    {% endfor %}
    labelled.currency,
    coalesce(labelled.period_end_date <= clock.book_close_date, false) as is_closed,
    labelled.data_as_of,
    labelled.loaded_at
from labelled
cross join clock
left join dim_team as teams on labelled.team_id = teams.team_id
where not exists (
        select 1 from int_ledger_differences_found as differences
        where differences.fiscal_period = labelled.fiscal_period
    )
    and (
        labelled.ledger_minor <> 0 or labelled.file_minor <> 0 or labelled.not_in_file_minor <> 0
        or labelled.not_in_ledger_minor <> 0
    )
