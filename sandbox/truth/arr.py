"""The marts of recurring revenue as they must be published: a bridge by slice, its movements, and what a customer pays.

The definitions:
- A bridge goes from the last period's balance over what moved and what other rates gave to this period's balance, of a
  product, segment and market. What went there and back within the period is in the movements, not in the bridge. The
  first period has a closing balance only: what moved before the calendar begins is not shown.
- Annual recurring revenue is twelve times the monthly. Use stands beside it, where the company shows it (used.py).
- A customer is one of customers.csv, not its logo, and counts once on each slice, by its segment and market of the
  period's end. An account that no customer owns counts as one too, also as a new one; how many there are of both and
  what they bring is shown.
- New is what a logo_new brought that is still there at the period's end; for a product, what is new to the product.
Does not: what moved and why (revenue.py), who stayed (retained.py), sizes of markets (market.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from sandbox.truth.books import money
from sandbox.truth.maps import UNMAPPED, portfolio
from sandbox.truth.ratios import guarded
from sandbox.truth.recurring import RecurringPolicy
from sandbox.truth.retained import COMPANY, Retained, slices
from sandbox.truth.revenue import TYPES, Balance, Kind, Movement, Revenue, RevenueCell
from sandbox.truth.used import used

Rows = list[dict[str, Any]]
Place = tuple[str, str, str]  # product, segment, market
MONTHS = 12
MOVED = [kind for kind in TYPES if kind != "fx"]


@dataclass
class Bridge:
    """One place in one period, in minor units at plan rates and at actual ones."""

    opening: list[int] = field(default_factory=lambda: [0, 0])
    closing: list[int] = field(default_factory=lambda: [0, 0])
    moved: dict[str, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))
    used: int = 0

    def row(self, is_first: bool) -> dict[str, str | None]:
        planned = {"opening_mrr": self.opening[0], **{f"{kind}_mrr": self.moved[kind][0] for kind in (*MOVED, "fx")}}
        actual = {
            "opening_mrr_actual": self.opening[1],
            "moved_mrr_actual": sum(self.moved[kind][1] for kind in MOVED),
            "fx_mrr_actual": self.moved["fx"][1],
        }
        since = {name: None if is_first else money(minor_units) for name, minor_units in (planned | actual).items()}
        ends = {"": self.closing[0], "_actual": self.closing[1]}
        closing = {f"closing_mrr{rate}": money(minor_units) for rate, minor_units in ends.items()}
        return (
            since | closing | {f"closing_arr{rate}": money(MONTHS * minor_units) for rate, minor_units in ends.items()}
        )


def place(cell: RevenueCell) -> Place:
    return cell.product_id, cell.segment, cell.market


def arr(revenue: Revenue, balances: Sequence[Balance], movements: Sequence[Movement]) -> Rows:
    names = [period.name for period in revenue.periods]
    after = dict(pairwise(names))
    found: dict[tuple[str, Place], Bridge] = defaultdict(Bridge)
    for one in balances:
        _add(found[one.fiscal_period, place(one.cell)].closing, one.mrr_plan, one.mrr_actual)
        if one.fiscal_period in after:
            _add(found[after[one.fiscal_period], place(one.cell)].opening, one.mrr_plan, one.mrr_actual)
    for move in movements:
        if not move.is_intra_period:
            bridge = found[move.fiscal_period, place(move.cell)]
            _add(bridge.moved[move.company_type], move.delta_plan, move.delta_actual)
    for (period, cell), minor_units in used(revenue).items():
        found[period, place(cell)].used += minor_units
    days = {period.name: revenue.day(period) for period in revenue.periods}
    products = revenue.company.rows("products", revenue.now)
    return [
        {
            **dict(zip(("fiscal_period", "product_id", "segment", "market"), (period, *where), strict=True)),
            "usage_mrr": money(bridge.used) if revenue.policy.usage_shown else None,
            "portfolio_id_as_was": portfolio(products, where[0], days[period]),
            **bridge.row(period == names[0]),
        }
        for (period, where), bridge in sorted(found.items(), key=lambda known: known[0])
    ]


def _add(sums: list[int], plan: int, actual: int) -> None:
    sums[:] = sums[0] + plan, sums[1] + actual


def arr_movements(movements: Sequence[Movement]) -> Rows:
    names = ("fiscal_period", "product_id", "segment", "market", "company_type", "product_type")
    flags = ("is_intra_period", "is_involuntary")
    sums: dict[tuple[Any, ...], list[int]] = defaultdict(lambda: [0] * 4)
    for one in movements:
        kind = (one.company_type, one.product_type, one.is_intra_period, one.is_involuntary)
        gained, lost = max(one.delta_plan, 0), min(one.delta_plan, 0)
        known = sums[one.fiscal_period, *place(one.cell), *kind]
        known[:] = known[0] + gained, known[1] + lost, known[2] + one.delta_plan, known[3] + one.delta_actual
    measures = ("gained_mrr", "lost_mrr", "mrr_change", "mrr_change_actual")
    return [
        dict(zip((*names, *flags), key, strict=True)) | dict(zip(measures, map(money, parts), strict=True))
        for key, parts in sorted(sums.items())
    ]


def retention(revenue: Revenue, rows: Sequence[Retained]) -> Rows:
    wholes = {(row.fiscal_period, row.product_id): row for row in rows if row.slice_type == "all"}
    return [
        {
            "fiscal_period": row.fiscal_period,
            "product_id": row.product_id,
            "slice_type": row.slice_type,
            "slice_value": row.slice_value,
            "cohort_logos": row.logos,
            "start_mrr": money(row.start),
            "net_mrr": money(row.net),
            "gross_mrr": money(row.gross),
            "unmapped_start_mrr": money(row.unmapped),
            "is_rollup": row.slice_type != "all" or row.product_id == COMPANY,
            **guarded("coverage_ratio", whole.start, whole.start + whole.unmapped, "no_start", 0, 0),
            **_ratios(row, whole, revenue.policy),
        }
        for row in rows
        for whole in [wholes[row.fiscal_period, row.product_id]]
    ]


def _ratios(row: Retained, whole: Retained, policy: RecurringPolicy) -> dict[str, Any]:
    """Both ratios, or why there are none: how much of a slice is known, only the whole of a product can say, since
    accounts that no customer owns have no segment."""
    is_known = 100 * whole.start >= policy.retention_min_coverage_percent * (whole.start + whole.unmapped)
    found: dict[str, Any] = {}
    for name, part in {"nrr_ratio": row.net, "grr_ratio": row.gross}.items():
        found |= guarded(name, part, row.start, "no_start", row.logos, policy.ratio_min_n)
        if not is_known:
            found |= {name: None, f"{name}_suppressed_reason": "coverage"}
    return found


@dataclass
class Paid:
    """What customers pay: of one product, or of all, on one slice in one period."""

    mrr: int = 0
    unmapped: int = 0
    customers: set[str] = field(default_factory=set)
    accounts: set[str] = field(default_factory=set)
    new: int = 0
    new_customers: set[str] = field(default_factory=set)
    new_unmapped: int = 0
    new_accounts: set[str] = field(default_factory=set)


def arpa(
    revenue: Revenue,
    balances: Sequence[Balance],
    movements: Sequence[Movement],
    accounts: Sequence[tuple[str, RevenueCell, str]],
    moved_accounts: Sequence[tuple[str, RevenueCell, Kind, str]],
) -> Rows:
    """``accounts``: those that no customer owns, by period and cell. ``moved_accounts``: what moved of them."""
    found: dict[tuple[str, ...], Paid] = defaultdict(Paid)
    for one in balances:
        for product in (COMPANY, one.cell.product_id):
            for part in slices(one.cell):
                paid = found[one.fiscal_period, product, *part]
                paid.mrr += one.mrr_plan
                if one.cell.customer_id == UNMAPPED:
                    paid.unmapped += one.mrr_plan
                else:
                    paid.customers.add(one.cell.customer_id)
    for fiscal_period, cell, account in accounts:
        for product in (COMPANY, cell.product_id):
            for part in slices(cell):
                found[fiscal_period, product, *part].accounts.add(account)
    for move in movements:
        if move.is_intra_period:
            continue
        for product, kind in ((COMPANY, move.company_type), (move.cell.product_id, move.product_type)):
            if kind == "logo_new":
                for part in slices(move.cell):
                    paid = found[move.fiscal_period, product, *part]
                    paid.new += move.delta_plan
                    if move.cell.customer_id == UNMAPPED:
                        paid.new_unmapped += move.delta_plan
                    else:
                        paid.new_customers.add(move.cell.customer_id)
    for fiscal_period, cell, (company_type, product_type, *_), account in moved_accounts:
        for product, kind in ((COMPANY, company_type), (cell.product_id, product_type)):
            if kind == "logo_new":
                for part in slices(cell):
                    found[fiscal_period, product, *part].new_accounts.add(account)
    first = revenue.periods[0].name
    names = ("fiscal_period", "product_id", "slice_type", "slice_value")
    return [
        dict(zip(names, key, strict=True))
        | {
            "is_rollup": key[2] != "all" or key[1] == COMPANY,
            "paying_mrr": money(paid.mrr),
            "paying_customers": len(paid.customers) + len(paid.accounts),
            "arpa": _ratio(paid.mrr, 100 * (len(paid.customers) + len(paid.accounts))),
            "unmapped_mrr": money(paid.unmapped),
            "unmapped_accounts": len(paid.accounts),
            "new_mrr": None if key[0] == first else money(paid.new),
            "new_customers": None if key[0] == first else len(paid.new_customers) + len(paid.new_accounts),
            "unmapped_new_mrr": None if key[0] == first else money(paid.new_unmapped),
            "unmapped_new_accounts": None if key[0] == first else len(paid.new_accounts),
            "asp": _ratio(paid.new, 100 * (len(paid.new_customers) + len(paid.new_accounts))),
        }
        for key, paid in sorted(found.items())
    ]


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None
