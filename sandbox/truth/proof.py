"""What every mart is proven by: independent figures, and what lies between them and a mart.

The definitions:
- What an account of revenue or cost came to in a period is its trial balance at the period's end less the one before in
  the same year of the books, in the group that account_map.csv has for it on the period's last day; an account that it
  does not know is revenue where the books call it income, UNMAPPED where they call it cost.
- Between that and a mart lie: what was posted outside of the period but between the balances, less what was posted in
  the period before the books' year began; what was mapped to another group on the day of the posting; and, except in
  the cost of products, which shows them as such, accounts that nobody has mapped.
- Statement groups that share a remainder tie together, as cost; where it is withheld, no amount is shown.
- Events: all that were exported of the period's days, less those that are no use.
- What a vendor says of single things agrees, all of it: it is a made-up company.
Does not: the figures of marts (the other modules), how many things were compared.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sandbox.company import Company
from sandbox.company.calendar import Period
from sandbox.timestamps import local_date
from sandbox.truth.books import Ledger, money, periods_with_figures
from sandbox.truth.cost import COST_TYPES, COSTS
from sandbox.truth.maps import UNMAPPED, is_valid
from sandbox.truth.people import UsageFacts
from sandbox.truth.recognised import INCOME

Rows = Sequence[Mapping[str, Any]]
Kind = tuple[str, bool, bool]  # statement group, whether it is mapped, whether it is depreciation
REVENUE, COST, DEPRECIATION = "revenue", "cost", "depreciation"
AMOUNTS = ("control", "out_of_period", "regrouped", "unmapped", "not_counted", "figure", "held_back", "difference")
HIDDEN = dict.fromkeys(AMOUNTS)
PROFIT = {"recognised_revenue": REVENUE, "cost_of_revenue": COSTS[0], "operating_expense": COSTS[1]}
VENDORS = {
    "stripe": "mart_arr",
    "jira": "mart_delivery",
    "amplitude": "mart_usage",
    "bamboohr": "mart_staffing",
    "quickbooks": "mart_revenue",
}


class Controls:
    """What the books say of each group of accounts, by mart and period."""

    def __init__(self, company: Company, now: int, remainders: Mapping[str, str | None]) -> None:
        books = company.bookkeeping.books(now)
        self.ledger, self.maps = Ledger(books), company.rows("account_map", now)
        self.periods, self.remainders = periods_with_figures(company, books, now), remainders
        self.sums: dict[tuple[str, str, str], Counter[str]] = defaultdict(Counter)
        for number, period in enumerate(self.periods):
            self._measure(period, self.periods[number - 1] if number else None)

    def group(self, mart: str, period: str, kind: Kind) -> str:
        if mart == "mart_revenue" or kind[0] == REVENUE:
            return REVENUE
        if mart == "mart_product_cost_range" or self.remainders.get(period) in ("joint", "withheld"):
            return COST
        return kind[0] if mart == "mart_product_cost" or kind[0] != UNMAPPED else COSTS[1]

    def _measure(self, period: Period, before: Period | None) -> None:
        begun = self.ledger.year(period.last)
        if before and self.ledger.year(before.last) == begun:
            since, opening = before.last + timedelta(days=1), self.ledger.trial_balance(before.last)
        else:
            since, opening = begun, {}
        closing = self.ledger.trial_balance(period.last)
        for account in self.ledger.accounts:
            kind = self._kind(account, period.last)
            self._add(period, kind, "control", closing.get(account, 0) - opening.get(account, 0))
        for posting in self.ledger.postings:
            kind, own = self._kind(posting.account, period.last), self._kind(posting.account, posting.day)
            if since <= posting.day < period.first:
                self._add(period, kind, "out_of_period", posting.amount)
            if period.first <= posting.day < since:
                self._add(period, kind, "out_of_period", -posting.amount)
            if period.first <= posting.day <= period.last and own != kind:
                self._add(period, kind, "regrouped", posting.amount)
                self._add(period, own, "regrouped", -posting.amount)

    def _kind(self, account: str, day: date) -> Kind:
        row = next((row for row in self.maps if row["account"] == account and is_valid(row, day)), None)
        if row is not None:
            return row["statement_group"], True, row["cost_type"] == DEPRECIATION
        kind = self.ledger.accounts[account]["type"]
        return (REVENUE if kind == INCOME else UNMAPPED if kind in COST_TYPES else "", False, False)

    def _add(self, period: Period, kind: Kind, item: str, amount: int) -> None:
        group, is_mapped, is_depreciation = kind
        if group not in (REVENUE, *COSTS, UNMAPPED) or not amount:
            return
        signed = -amount if group == REVENUE else amount
        of_cost = ("mart_product_cost", "mart_product_cost_range")
        marts = ["mart_product_pnl", *(("mart_revenue",) if group == REVENUE else of_cost)]
        places = [(mart, self.group(mart, period.name, kind)) for mart in marts]
        places += [("mart_product_pnl", DEPRECIATION)] if is_depreciation else []
        for mart, name in places:
            is_own = is_mapped or mart == "mart_product_cost" or name == COST
            cell = self.sums[mart, period.name, name]
            if is_own:
                cell[item] += signed
            else:
                cell["unmapped"] += -signed if item == "control" else signed


def reconciliation(
    company: Company,
    now: int,
    used: UsageFacts,
    marts: Mapping[str, Rows],
    remainders: Mapping[str, str | None],
    vendors: Sequence[tuple[str, str]],
) -> list[dict[str, Any]]:
    """The rows of mart_reconciliation; `remainders`: of each period, also of one that has no row of cost because
    all of it is withheld; `vendors`: sources and what they say of single things."""
    controls = Controls(company, now, remainders)
    today = local_date(now, company.reporting_zone)
    begun = [period for period in company.periods if period.first <= today]
    figures = _figures(controls, marts)
    rows = [
        _row(key, controls.sums[key], figures[key], company.currency)
        | {"remainder": remainders.get(key[1]) if key[2] in (*COSTS, UNMAPPED, COST) else None}
        | (HIDDEN if key[2] == COST and remainders.get(key[1]) == "withheld" else {})
        for key in sorted({*controls.sums, *figures})
    ]
    for period in begun:
        exported = [event for event in used.events if period.first <= used.days[event] <= period.last]
        shown = sum(
            row["events"]
            for row in marts["mart_usage"]
            if (row["product_id"], row["slice_type"]) == ("COMPANY", "all")
            and str(period.first) <= row["activity_date"] <= str(period.last)
        )
        if exported or shown:
            rows.append(
                {"fiscal_period": period.name, "mart_name": "mart_usage", "account_group": "events"}
                | {"control": len(exported), "figure": shown, "not_counted": len(exported) - shown}
                | dict.fromkeys(("out_of_period", "regrouped", "unmapped", "held_back", "difference"), 0)
                | {"currency": None, "status": "agrees"}
            )
    return rows + [
        {"fiscal_period": begun[-1].name, "mart_name": VENDORS[source], "account_group": control}
        | {"held_back": 0, "difference": 0, "currency": None, "status": "agrees"}
        for source, control in vendors
    ]


def _figures(controls: Controls, marts: Mapping[str, Rows]) -> dict[tuple[str, str, str], int | None]:
    found: dict[tuple[str, str, str], int | None] = defaultdict(int)

    def add(mart: str, period: str, group: str, amount: str | None) -> None:
        known = found[mart, period, group]
        found[mart, period, group] = None if known is None or amount is None else known + _minor(amount)

    for row in marts["mart_revenue"]:
        add("mart_revenue", row["fiscal_period"], REVENUE, row["recognised_revenue"])
    for row in marts["mart_product_cost"]:
        period, kind = row["fiscal_period"], (row["statement_group"], True, False)
        add("mart_product_cost", period, controls.group("mart_product_cost", period, kind), row["cost"])
    for row in marts["mart_product_cost_range"]:
        add("mart_product_cost_range", row["fiscal_period"], COST, row["cost"])
    for row in marts["mart_product_pnl"]:
        period = row["fiscal_period"]
        for measure, group in PROFIT.items():
            name = controls.group("mart_product_pnl", period, (group, True, False))
            add("mart_product_pnl", period, name, row[measure])
        add("mart_product_pnl", period, DEPRECIATION, row["depreciation"])
    return found


def _row(key: tuple[str, str, str], items: Counter[str], figure: int | None, currency: str) -> dict[str, Any]:
    mart, period, group = key
    row = {"fiscal_period": period, "mart_name": mart, "account_group": group, "currency": currency, "status": "agrees"}
    left = items["control"] - items["out_of_period"] - items["regrouped"] - items["unmapped"] - (figure or 0)
    amounts = {name: items[name] for name in AMOUNTS} | {"figure": figure or 0, "difference": left}
    return row | {name: money(amount) for name, amount in amounts.items()}


def _minor(amount: str) -> int:
    return int(Decimal(amount).scaleb(2))
