"""Does what is built to be published tell anybody's pay? The figures that leave the restricted database, as the audit
needs them, beside those of the versions that are published already.

Belongs here: reading people, pay, books and what leaves; which figures are of standard lines alone; a version as it is
kept. Does not: what figures tell together (disclosure_audit), the rules (disclosure), where versions are kept
(disclosure_records), what a finding holds back (orchestration).

No model outside the restricted database can show more of people than the models that leave it (a law of the graph): so
these are audited, and with them every mart, audience file and page that is made of them. Each model that leaves with
amounts says in its yml of which lines at standard it is the sum. What is not their sum counts as pay.
"""

import json
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from ingestion import sql
from ingestion.home import PEOPLE
from quality import disclosure_records
from quality.disclosure import Paid, rates_of_year
from quality.disclosure_audit import (
    YEAR_THOUSANDTHS,
    ContradictionError,
    Regime,
    Told,
    Unknown,
    Work,
    found,
    rate_told,
    total_told,
)

SHOWN = 5
COST_OF_REVENUE, OPERATING_EXPENSE = "cost_of_revenue", "operating_expense"
REGIMES = 1_000
"""More than anybody has: the number of a regime of an earlier version that is another one now."""
EQUAL = 1e-9
OF_PEOPLE = ("fiscal_period", "fiscal_year", "statement_group", "function_name", "team_id", "product_id")
"""Columns of a figure that say whose work it is of."""

PAID = """
    create temp table paid as
    with days as (
        select
            days.worker_id, days.fiscal_period, periods.fiscal_year, periods.first_date, periods.is_complete,
            lower(days.function_name) as function_name, days.team_id, days.yearly_pay_minor as pay,
            sum(days.paid_thousandths)::bigint as thousandths
        from restricted.intermediate.fct_worker_day as days
        inner join warehouse.intermediate.int_fiscal_periods_begun as periods using (fiscal_period)
        where days.is_head and days.yearly_pay_minor > 0 and days.paid_thousandths > 0
        group by all
    ),
    -- pay in a currency of its own is the same in every period, whatever it is worth
    own as (
        select
            workers.worker_id, rates.fiscal_period,
            ranges.currency || ' ' || ranges.yearly_pay_numerator || '/' || ranges.yearly_pay_denominator as own_pay,
            ranges.yearly_pay_numerator::double * rates.actual_numerator
                / (ranges.yearly_pay_denominator::double * rates.actual_denominator) as pay
        from restricted.intermediate.dim_worker as workers
        inner join restricted.intermediate.int_pay_ranges_valued as ranges using (employee_id)
        inner join restricted.intermediate.int_pay_rates_resolved as rates on ranges.currency = rates.currency
        where ranges.basis = 'rate'
    ),
    -- equal by worker and period alone: with the amounts in an outer join DuckDB compared every pair
    matched as (
        select days.worker_id, days.fiscal_period, days.pay, min(own.own_pay) as own_pay
        from days
        inner join own on days.worker_id = own.worker_id and days.fiscal_period = own.fiscal_period
        where abs(own.pay - days.pay) <= 1
        group by all
    ),
    known as (
        select days.*, coalesce(matched.own_pay, 'at ' || days.pay) as own_pay
        from days
        left join matched using (worker_id, fiscal_period, pay)
    ),
    begun as (
        select worker_id, own_pay, arg_min(pay, first_date) as first_pay, min(first_date) as since
        from known
        group by worker_id, own_pay
    )
    select
        known.* exclude (own_pay), begun.first_pay, places.statement_group,
        dense_rank() over (partition by known.worker_id order by begun.since, known.own_pay) - 1 as regime
    from known
    inner join begun using (worker_id, own_pay)
    left join restricted.intermediate.int_people_groups_resolved as places
        on known.fiscal_period = places.fiscal_period and known.function_name = places.function_name
"""
LINES = """
    with days as (
        select fiscal_period, lower(function_name) as function_name, team_id, work_date, sum(paid_thousandths) as paid
        from restricted.intermediate.fct_worker_day
        where is_head and paid_thousandths > 0
        group by all
    ),
    worked as (
        select
            days.fiscal_period, days.function_name, places.statement_group, places.currency,
            coalesce(products.product_id, 'UNALLOCATED') as product_id,
            sum(days.paid::hugeint * coalesce(products.share_millionths, 1000000)) as billionths
        from days
        inner join restricted.intermediate.int_people_groups_resolved as places
            on days.fiscal_period = places.fiscal_period and days.function_name = places.function_name
        left join warehouse.intermediate.int_team_products_ranged as products
            on days.team_id = products.team_id
            and days.work_date >= products.valid_from and days.work_date < products.valid_to
        group by all
    ),
    valued as (
        select
            worked.* exclude (currency), standards.rate_millionths, rates.actual_numerator, rates.actual_denominator
        from worked
        inner join warehouse.intermediate.int_fiscal_periods_begun as periods
            on worked.fiscal_period = periods.fiscal_period
        inner join restricted.intermediate.int_standard_rates_resolved as standards
            on periods.fiscal_year = standards.fiscal_year and worked.function_name = standards.function_name
        inner join restricted.intermediate.int_pay_rates_resolved as rates
            on worked.fiscal_period = rates.fiscal_period and worked.currency = rates.currency
    ),
    shown as (
        select
            fiscal_period, statement_group, account_function as function_name, product_id,
            sum(amount_minor) as amount_minor
        from restricted.intermediate.int_standard_parts_placed
        where rule_id = 'people'
        group by all
    )
    select
        fiscal_period, statement_group, function_name, product_id, billionths, rate_millionths, actual_numerator,
        actual_denominator, amount_minor
    from valued full join shown using (fiscal_period, statement_group, function_name, product_id)
"""
PAID_FOR = """(
    select
        days.worker_id, days.fiscal_period, paid.fiscal_year, paid.statement_group, paid.function_name, days.team_id,
        paid.regime, paid.pay, paid.first_pay, coalesce(products.product_id, 'UNALLOCATED') as product_id,
        sum(days.paid_thousandths * coalesce(products.share_millionths, 1000000)) / 1000000 as thousandths
    from restricted.intermediate.fct_worker_day as days
    inner join paid
        on days.worker_id = paid.worker_id and days.fiscal_period = paid.fiscal_period
        and lower(days.function_name) = paid.function_name and days.team_id = paid.team_id
        and days.yearly_pay_minor = paid.pay
    left join warehouse.intermediate.int_team_products_ranged as products
        on days.team_id = products.team_id
        and days.work_date >= products.valid_from and days.work_date < products.valid_to
    group by all
)"""
TOTALS = """
    with parts as (
        select
            fiscal_period, statement_group, 'shown' as kind, sum(amount_minor) as amount_minor
        from restricted.intermediate.fct_allocation
        where scenario_id = 'standard'
        group by all
        union all
        select fiscal_period, statement_group, 'line', sum(amount_minor)
        from restricted.intermediate.int_standard_parts_placed
        where rule_id not in ('people', 'remainder')
        group by all
        union all
        select fiscal_period, statement_group, 'pay', sum(amount_minor)
        from warehouse.intermediate.int_cost_postings_selected
        where is_pay
        group by all
        union all
        select postings.fiscal_period, postings.statement_group, 'other', sum(parts.amount_minor)
        from restricted.intermediate.int_cost_parts_placed as parts
        inner join warehouse.intermediate.int_cost_postings_selected as postings using (gl_line_id)
        where parts.rule_id = 'overhead_type' and postings.cost_type <> 'depreciation' and not postings.is_pay
        group by all
    )
    select
        parts.fiscal_period,
        case when judged.remainder = 'joint' then 'all groups' else parts.statement_group end as statement_groups,
        coalesce(sum(amount_minor) filter (kind = 'shown'), 0) - coalesce(sum(amount_minor) filter (kind = 'line'), 0),
        coalesce(sum(amount_minor) filter (kind = 'pay'), 0),
        coalesce(sum(amount_minor) filter (kind = 'other'), 0)
    from parts
    inner join restricted.intermediate.int_remainders_judged as judged using (fiscal_period)
    where judged.remainder <> 'withheld'
    group by all
    order by all
"""


@dataclass(frozen=True, slots=True)
class Leaving:
    """A model that leaves the restricted database with amounts. ``amounts``: each (a column, or what columns come to)
    with a query for the lines at standard that it is the sum of, empty where it names none; ``by``: columns that say
    of what an amount is, of which those that lines have too are compared; ``each``: columns under each value of which
    lines are shown once more, as under each model of effort."""

    name: str
    schema: str
    amounts: Mapping[str, str]
    by: tuple[str, ...]
    each: tuple[str, ...] = ()


def described(node: Mapping[str, Any]) -> Leaving:
    """A model as its yml describes it."""
    meta = node["config"]["meta"]
    each, named = tuple(meta.get("each", ())), set(re.findall(r"\w+", " ".join(meta["amounts"])))
    by = tuple(column for column in node["columns"] if column not in {*named, *each, "currency"})
    return Leaving(node["name"], node["schema"], meta["amounts"], by, each)


@dataclass(frozen=True, slots=True)
class Audit:
    """``problems``: by model what is wrong with it, in words without pay."""

    problems: Mapping[str, Sequence[str]]
    people: int
    figures: int
    earlier: int


@dataclass(frozen=True, slots=True)
class _Version:
    told: Sequence[Told]
    pay: Mapping[Regime, int]
    other: Mapping[str, int]


def audit_published(home: Path, leaving: Sequence[Leaving]) -> Audit:
    """What all that leaves the restricted database tells, together with the versions that were published. The figures
    are noted as those of the next version."""
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        # what does not fit into memory is pay, and stays with it
        connection.execute(f"set temp_directory = {sql.text(home / 'restricted' / 'spill')}")
        for file, database in (("warehouse.duckdb", "warehouse"), (PEOPLE, "restricted")):
            connection.execute(f"attach {sql.text(home / file)} as {database} (read_only)")
        connection.execute(PAID)
        work, pay = _work(connection)
        rates, strange = _rates_told(connection, work)
        totals, other = _totals_told(connection, work, pay)
        lines, strange_lines = _lines_told(connection)
        told = [*rates, *totals, *lines]
        strange += strange_lines
        for model in leaving:
            for amount, lines_of in model.amounts.items():
                cells, strange_cells = _cells_told(connection, model, amount, lines_of)
                told += cells
                strange += strange_cells
    version, earlier = _Version(told, pay, other), [_read(record) for record in disclosure_records.published(home)]
    everything = _together([version, *earlier])
    problems: dict[str, list[str]] = {}
    for cell in strange:
        _add(problems, leaving, (cell,), f"{cell}: this is not made of days at standard rates")
    try:
        for bounds in found(everything.told, work, everything.pay, everything.other):
            _add(problems, leaving, bounds.cells, bounds.message)
    except ContradictionError as error:
        _add(problems, leaving, (), str(error))
    disclosure_records.note(home, _written(version))
    return Audit(problems, len({person for person, _ in pay}), len(everything.told), len(earlier))


def _add(problems: dict[str, list[str]], leaving: Sequence[Leaving], cells: Sequence[str], text: str) -> None:
    """To each model with one of the cells; rates and totals are read from any."""
    named = [model.name for model in leaving if any(cell.startswith(f"{model.name} ") for cell in cells)]
    for name in named or [model.name for model in leaving]:
        problems.setdefault(name, []).append(text)


def _work(connection: duckdb.DuckDBPyConnection) -> tuple[list[Work], dict[Regime, int]]:
    """Paid days by period and function; the pay of each regime, as it was worth when it began."""
    rows = connection.execute("""
        select
            worker_id, regime, fiscal_year, fiscal_period, coalesce(statement_group, ''), function_name, '',
            sum(thousandths)::bigint, sum(thousandths * pay / first_pay) / sum(thousandths)
        from paid
        group by all
        order by all
    """).fetchall()
    pay = connection.execute("select distinct worker_id, regime, first_pay from paid order by all").fetchall()
    return [Work(*row) for row in rows], {(worker, regime): minor for worker, regime, minor in pay}


def _rates_told(connection: duckdb.DuckDBPyConnection, work: Sequence[Work]) -> tuple[list[Told], list[str]]:
    """The rates that the rules make of people's pay, and rates in use that are others."""
    years: dict[str, list[str]] = {}
    begun = connection.execute("""
        select fiscal_year, fiscal_period, is_complete from warehouse.intermediate.int_fiscal_periods_begun
        order by first_date
    """)
    for year, period, is_complete in begun.fetchall():
        years.setdefault(year, []).extend([period] if is_complete else [])
    paid: dict[str, list[Paid]] = defaultdict(list)
    earned = connection.execute("""
        select fiscal_period, worker_id, function_name, sum(pay::hugeint * thousandths), sum(thousandths)
        from paid
        group by all
    """)
    # of a year's pay for each day, so that nothing is rounded
    for period, worker, function, pay, thousandths in earned.fetchall():
        paid[period].append(Paid(worker, function, int(pay), int(thousandths) * YEAR_THOUSANDTHS))
    worked: dict[str, list[Work]] = defaultdict(list)
    for one in work:
        worked[one.fiscal_period].append(one)
    told, made, before = list[Told](), dict[tuple[str, str], int](), list[str]()
    for year, own in years.items():
        known = [one for period in before for one in paid[period]]
        for group, (rate, number) in rates_of_year(known, [paid[period] for period in own]).items():
            periods = before if number is None else own[:number]
            behind = [one for period in periods for one in worked[period] if one.function in group]
            told.append(rate_told(f"standard rate {year} {', '.join(sorted(group))}", behind, rate))
            made |= {(year, name): int(rate * 10**6) for name in group}
        before = own
    used = connection.execute("""
        select fiscal_year, function_name, rate_millionths from restricted.intermediate.int_standard_rates_resolved
    """)
    in_use = {(year, function): rate for year, function, rate in used.fetchall()}
    return told, [f"standard rate {year} {name}" for (year, name), _ in sorted(made.items() ^ in_use.items())][:SHOWN]


def _totals_told(
    connection: duckdb.DuckDBPyConnection, work: Sequence[Work], pay: Mapping[Regime, int]
) -> tuple[list[Told], dict[str, int]]:
    """What is left of each statement group's total, where it is shown, after all that is shown line by line."""
    worked: dict[str, list[Work]] = defaultdict(list)
    for one in work:
        worked[one.fiscal_period].append(one)
    told, other = list[Told](), dict[str, int]()
    for period, groups, rest, posted, other_cost in connection.execute(TOTALS).fetchall():
        of_group = [one for one in worked[period] if one.statement_group == groups]
        placed = [one for one in worked[period] if one.statement_group]
        people = of_group if groups in (COST_OF_REVENUE, OPERATING_EXPENSE) else placed or worked[period]
        earned = sum(pay[one.person_id, one.regime] * one.thousandths * one.worth for one in people) / YEAR_THOUSANDTHS
        if earned and posted > 0:
            name = f"{period} {groups}"
            other[name] = int(other_cost)
            told.append(total_told(f"total {name}", people, int(rest), name, float(posted) / earned))
    return told, other


def _lines_told(connection: duckdb.DuckDBPyConnection) -> tuple[list[Told], list[str]]:
    """Lines of people that are not paid days x the rate, half to even; they count as pay."""
    strange = []
    for *line, billionths, rate, numerator, denominator, shown in connection.execute(LINES).fetchall():
        at_rate = 0
        if billionths is not None:
            worth = _half_even(rate * int(denominator), int(numerator))
            at_rate = _half_even(int(billionths) * worth, 10**15)
        if at_rate != (shown or 0):
            strange.append((*line, int(shown or 0)))
    columns = ("fiscal_period", "statement_group", "function_name", "product_id")
    return _as_pay(connection, "people at standard", columns, strange)


def _half_even(numerator: int, denominator: int) -> int:
    return round(Fraction(numerator, denominator))


def _cells_told(
    connection: duckdb.DuckDBPyConnection, model: Leaving, amount: str, lines: str
) -> tuple[list[Told], list[str]]:
    """Cells of an amount that are not the sum of lines at standard; they count as pay. A cell that is not shown tells
    nothing."""
    made, known = "(select null as amount_minor where false)", set[str]()
    if lines:
        made = f"({lines})"
        known = {name for (name, *_) in connection.execute(f"describe {made}").fetchall()}
    by = [column for column in model.by if column in known or not lines]
    shared, columns = [column for column in by if lines], [*model.each, *by]
    same = " and ".join(f"shown.{column} is not distinct from made.{column}" for column in shared) or "true"
    differing = f"""
        with shown as (
            select {", ".join([*columns, f"sum({amount}) as amount"])}
            from restricted.{sql.name(model.schema)}.{sql.name(model.name)}
            group by all
        ),
        made as (select {", ".join([*shared, "sum(amount_minor) as amount"])} from {made} as lines group by all)
        select {", ".join([*(f"shown.{column}" for column in columns), "shown.amount"])}
        from shown left join made on {same}
        where shown.amount <> coalesce(made.amount, 0)
        order by all
    """
    return _as_pay(connection, model.name, columns, connection.execute(differing).fetchall())


def _as_pay(
    connection: duckdb.DuckDBPyConnection, name: str, columns: Sequence[str], cells: Sequence[Sequence[object]]
) -> tuple[list[Told], list[str]]:
    """Figures that are not at standard, as what everybody is paid whose work they are of, times what is posted for a
    unit of pay; and the names of a few."""
    if not cells:
        return [], []
    named = [f"{name} {' '.join(str(value) for value in values)}" for *values, _ in cells]
    of_people = [column for column in columns if column in OF_PEOPLE]
    rows = [dict(zip(columns, cell[:-1], strict=True)) | {"cell": number} for number, cell in enumerate(cells)]
    connection.register("strange", pa.Table.from_pylist(rows))
    days = PAID_FOR if "product_id" in of_people else "paid"
    same = " and ".join(f"strange.{column} is not distinct from days.{column}" for column in of_people) or "true"
    shares = connection.execute(f"""
        select cell, worker_id, regime, sum(thousandths * pay / first_pay) / {YEAR_THOUSANDTHS}, sum(thousandths * pay)
        from strange inner join {days} as days on {same}
        group by all
        order by all
    """)
    terms: dict[int, dict[Unknown, float]] = defaultdict(dict)
    earned: dict[int, float] = defaultdict(float)
    for cell, worker, regime, share, paid in shares.fetchall():
        terms[cell][worker, regime] = share
        earned[cell] += paid / YEAR_THOUSANDTHS
    told = []
    for cell, shared in terms.items():
        amount = float(str(cells[cell][-1]))
        if amount > 0:
            posted = {key: share * amount / earned[cell] for key, share in shared.items()}
            told.append(Told(named[cell], posted, amount - len(shared) / 2, amount + len(shared) / 2))
    return told, named[:SHOWN]


def _together(versions: Sequence[_Version]) -> _Version:
    """All figures of all versions, the first of which is to be published. What is the same in two of them is one
    unknown, and a figure that stays is no second one."""
    pay, other, told = dict[Regime, int](), dict[str, int](), dict[str, list[Told]]()
    for age, version in enumerate(versions):
        moved = {
            (person, regime): (person, regime + age * REGIMES)
            for (person, regime), minor in version.pay.items()
            if pay.get((person, regime), minor) != minor
        }
        pay |= {moved.get(key, key): minor for key, minor in version.pay.items()}
        renamed = {
            name: f"{name}, {age} versions before"
            for name, minor in version.other.items()
            if other.get(name, minor) != minor
        }
        for one in version.told:
            mapped = {moved.get(key, key) if isinstance(key, tuple) else key: share for key, share in one.terms.items()}
            known = told.setdefault(one.cell, [])
            # The same people's days, for which the books post another amount: of what, nobody can tell.
            if any(_is_multiple(mapped, before.terms) for before in known):
                renamed |= {key: f"{key}, {age} versions before" for key in mapped if isinstance(key, str)}
            terms = {renamed.get(key, key) if isinstance(key, str) else key: share for key, share in mapped.items()}
            cell = f"{one.cell}, as it was {age} versions before" if age else one.cell
            if not any((before.terms, before.low, before.high) == (terms, one.low, one.high) for before in known):
                known.append(Told(cell, terms, one.low, one.high))
        other |= {renamed.get(name, name): minor for name, minor in version.other.items()}
    return _Version([one for known in told.values() for one in known], pay, other)


def _is_multiple(terms: Mapping[Unknown, float], before: Mapping[Unknown, float]) -> bool:
    """Whether all pay in two figures is in one ratio that is not 1."""
    people = {key for key in terms if isinstance(key, tuple)}
    if people != {key for key in before if isinstance(key, tuple)} or len(people) == len(terms):
        return False
    ratios = [terms[key] / before[key] for key in people]
    return max(ratios) - min(ratios) < EQUAL and abs(max(ratios) - 1) > EQUAL


def _written(version: _Version) -> bytes:
    told = [(one.cell, [*one.terms.items()], one.low, one.high) for one in version.told]
    return json.dumps([told, [*version.pay.items()], version.other]).encode()


def _read(record: bytes) -> _Version:
    written, pay, other = json.loads(record)
    told = [Told(cell, {_key(key): share for key, share in terms}, low, high) for cell, terms, low, high in written]
    return _Version(told, {(person, regime): minor for (person, regime), minor in pay}, other)


def _key(written: str | list[object]) -> Unknown:
    return written if isinstance(written, str) else (str(written[0]), int(str(written[1])))
