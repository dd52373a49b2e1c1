"""An analyst's first questions, as docs/questions.md asks them, and their answers by what happened.

Belongs here: reading the page, asking a published snapshot, the answers from the truth of the made-up company. Does
not: making a snapshot.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from sandbox.company import Company
from sandbox.company.usage.events import MICRO, MINUTE
from sandbox.timestamps import ms
from sandbox.truth.delivery import DeliveryFacts
from sandbox.truth.people import UsageFacts
from serving.published import Snapshot

PAGE = Path(__file__).parents[2] / "docs" / "questions.md"
MEMBERS = ("UNMAPPED", "UNALLOCATED", "COMPANY")
NOBODY = MEMBERS[:2]
Row = Mapping[str, Any]
Answer = list[tuple[Any, ...]]


def statements() -> dict[str, tuple[str, str]]:
    """By question the file that is asked and the statement."""
    found = {}
    for section in PAGE.read_text().split("\n## ")[1:]:
        title, _, body = section.partition("\n")
        file, asked = re.search(r"^On `([^`]+)`", body), re.search(r"```sql\n(.+?)```", body, re.S)
        assert file is not None, title
        assert asked is not None, title
        found[title] = (file[1], asked[1])
    return found


def answer(served: Snapshot, file: str, statement: str) -> Answer:
    """With dates as text; numbers that are no decimals are rounded to nine places."""
    with duckdb.connect(str(served.folder / file), read_only=True) as marts:
        return [tuple(map(_plain, row)) for row in marts.execute(statement).fetchall()]


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return round(value, 9) if isinstance(value, float) else value


@dataclass(frozen=True)
class Truth:
    """The marts by what happened, and what things are called in the company's files."""

    company: Company
    marts: Mapping[str, Sequence[Row]]
    today: str

    def name(self, table: str, key: str) -> str | None:
        column = {"segments": "code", "markets": "code"}.get(table, f"{table[:-1]}_id")
        rows = [row for row in self.company.rows(table, self.company_now) if row[column] == key]
        begun = sorted((row for row in rows if row.get("valid_from", "") <= self.today), key=_since)
        return begun[-1]["name"] if begun else key.capitalize() if key in MEMBERS else None

    @property
    def company_now(self) -> str:
        return f"{self.today}T23:00:00Z"

    @property
    def ends(self) -> dict[str, str]:
        """The last day of each period."""
        return {period.name: period.last.isoformat() for period in self.company.periods}

    @property
    def quarters(self) -> dict[str, str]:
        return {period.name: period.quarter for period in self.company.periods}

    def over(self, mart: str) -> list[Row]:
        return [row for row in self.marts[mart] if self.ends[row["fiscal_period"]] < self.today]

    def last_period(self, mart: str, *, is_over: bool = True) -> list[Row]:
        rows = self.over(mart) if is_over else self.marts[mart]
        last = max(self.ends[row["fiscal_period"]] for row in rows)
        return [row for row in rows if self.ends[row["fiscal_period"]] == last]

    def level(self, product: str) -> str | None:
        rows = [row for row in self.company.rows("products", self.company_now) if row["product_id"] == product]
        begun = sorted((row for row in rows if row["valid_from"] <= self.today), key=_since)
        return begun[-1]["level"] if begun else None


def _since(row: Mapping[str, str]) -> str:
    return row.get("valid_from", "")


def _sums(rows: Iterable[Row], key: Callable[[Row], tuple[Any, ...]], measure: str) -> dict[tuple[Any, ...], Decimal]:
    sums: dict[tuple[Any, ...], Decimal] = defaultdict(Decimal)
    for row in rows:
        sums[key(row)] += Decimal(str(row[measure] or 0))
    return dict(sums)


def _added(amounts: Iterable[str | None]) -> Decimal | None:
    """As SQL adds up: what is not there is left out, and nothing at all is nothing."""
    known = [Decimal(one) for one in amounts if one is not None]
    return sum(known, Decimal(0)) if known else None


def how_new(true: Truth) -> Answer:
    """The newest update of an issue that exists, and the newest event that is not dated after its upload."""
    now = ms(f"{true.today}T06:00:00Z")
    used = UsageFacts(true.company, now)
    happened = used.usage.happened
    event = max(happened[one] for one in used.events if happened[one] - used.usage.uploaded[one] <= 5 * MINUTE)
    issue = DeliveryFacts(true.company, now).as_of * MICRO
    return [
        (mart, source, (datetime(1970, 1, 1) + timedelta(microseconds=at)).isoformat())
        for mart, source, at in (("mart_delivery", "jira", issue), ("mart_usage", "amplitude", event))
    ]


def arr_by_product_by_month(true: Truth) -> Answer:
    sums = _sums(
        true.marts["mart_arr"], lambda row: (true.ends[row["fiscal_period"]], row["product_id"]), "closing_arr"
    )
    return [(day, product, true.name("products", product), value) for (day, product), value in sorted(sums.items())]


def nrr_by_segment(true: Truth) -> Answer:
    return sorted(
        (
            row["slice_value"],
            true.name("segments", row["slice_value"]),
            _plain(row["nrr_ratio"]),
            row["nrr_ratio_suppressed_reason"],
        )
        for row in true.last_period("mart_revenue_retention")
        if row["product_id"] == "COMPANY" and row["slice_type"] == "segment"
    )


def movements_by_quarter(true: Truth) -> Answer:
    moved = [row for row in true.marts["mart_arr_movement"] if not row["is_intra_period"]]
    sums = _sums(moved, lambda row: (true.quarters[row["fiscal_period"]], row["company_type"]), "mrr_change")
    return [(*key, value) for key, value in sorted(sums.items())]


def price_by_market(true: Truth) -> Answer:
    rows = true.last_period("mart_pricing")
    billed, listed = (
        _sums(rows, lambda row: (row["market"],), name) for name in ("listed_invoice_amount", "list_amount")
    )
    return [
        (market, true.name("markets", market), round(float(billed[market,] / whole), 9) if whole else None)
        for (market,), whole in sorted(listed.items())
    ]


def users_by_product(true: Truth) -> Answer:
    days = [row for row in true.marts["mart_usage"] if row["slice_type"] == "all"]
    over = sorted({row["activity_date"] for row in days})[-2]  # the last one is not over
    return sorted(
        (row["product_id"], true.name("products", row["product_id"]), row["mau_28d"])
        for row in days
        if row["activity_date"] == over and true.level(row["product_id"]) == "product"
    )


def adoption(true: Truth) -> Answer:
    last = max(
        row["month_start_date"] for row in true.marts["mart_adoption"] if row["month_start_date"][:7] < true.today[:7]
    )
    return sorted(
        (
            row["product_id"],
            true.name("products", row["product_id"]),
            row["users_adopting"],
            row["users_eligible"],
            _plain(row["users_adoption_ratio"]),
        )
        for row in true.marts["mart_adoption"]
        if row["month_start_date"] == last and row["slice_type"] == "all"
    )


def work_by_team(true: Truth) -> Answer:
    last = max(row["week_start_date"] for row in true.marts["mart_delivery"])  # which is not over
    rows = [row for row in true.marts["mart_delivery"] if row["week_start_date"] != last]
    sums = _sums(rows, lambda row: (row["week_start_date"], row["team_id"]), "wip_split")
    return [(week, team, true.name("teams", team), value) for (week, team), value in sorted(sums.items())]


def share_of_market(true: Truth) -> Answer:
    return sorted(
        (
            row["market"],
            true.name("markets", row["market"]),
            Decimal(row["arr"]),
            row["sam"] and Decimal(row["sam"]),
            _plain(row["sam_share_ratio"]),
        )
        for row in true.last_period("mart_market")
        if row["product_id"] == "COMPANY" and row["slice_type"] == "all"
    )


def profit_by_product(true: Truth) -> Answer:
    rows = true.last_period("mart_product_pnl")
    return sorted(
        (
            row["product_id"],
            true.name("products", row["product_id"]),
            Decimal(row["recognised_revenue"]),
            Decimal(row["gross_profit"]),
            _plain(row["gross_margin_ratio"]),
            Decimal(row["contribution"]),
            row["operating_profit"] and Decimal(row["operating_profit"]),
        )
        for row in rows
        if row["product_id"] not in ("UNMAPPED", "UNALLOCATED")
    )


def spend_on_tools(true: Truth) -> Answer:
    over = [row for row in true.marts["mart_ai_spend"] if true.ends[row["fiscal_period"]] < true.today]
    year = max((true.ends[row["fiscal_period"]], row["fiscal_period"].partition("-")[0]) for row in over)[1]
    sums: dict[str, list[Decimal]] = defaultdict(lambda: [Decimal(0)] * 4)
    for row in over:
        if row["fiscal_period"].startswith(f"{year}-"):
            amounts = (row[name] for name in ("ledger_amount", "file_amount", "not_in_file", "not_in_ledger"))
            known = sums[row["vendor_name"]]
            sums[row["vendor_name"]] = [one + Decimal(more) for one, more in zip(known, amounts, strict=True)]
    return sorted((vendor, *amounts) for vendor, amounts in sums.items())


def cost_by_centre(true: Truth) -> Answer:
    names = {"REMAINDER": "Remainder", "DEPRECIATION": "Depreciation", "UNMAPPED": "Unmapped"}
    books = true.company.bookkeeping.books(true.company_now).records["Department"]
    sums: dict[tuple[str, str | None, str, str], Decimal] = defaultdict(Decimal)
    for row in true.last_period("mart_cost_centre"):
        kind, key = row["cost_centre_type"], row["cost_centre_id"]
        name = true.name("teams", key) if kind == "team" else names.get(key, books.get(key, {}).get("name"))
        sums[kind, name, row["statement_group"], key] += Decimal(row["cost"])
    rows = [(kind, name, group, cost) for (kind, name, group, _), cost in sums.items()]
    return sorted(rows, key=lambda row: (row[0], row[1] is None, row[1] or "", *row[2:]))


def range_of_cost(true: Truth) -> Answer:
    rows = true.last_period("mart_product_cost_range")
    return sorted(
        (
            row["product_id"],
            true.name("products", row["product_id"]),
            *(Decimal(row[name]) for name in ("cost", "cost_low", "cost_high")),
            row["low_rule"],
            row["high_rule"],
        )
        for row in rows
        if row["product_id"] not in ("UNMAPPED", "UNALLOCATED")
    )


def proof_of_profit(true: Truth) -> Answer:
    def amount(row: Row, name: str) -> Decimal | None:
        return None if row[name] is None else Decimal(row[name])

    rows = [row for row in true.last_period("mart_reconciliation") if row["mart_name"] == "mart_product_pnl"]
    items = ("out_of_period", "regrouped", "unmapped", "not_counted", "held_back")
    return sorted(
        (
            row["account_group"],
            amount(row, "control"),
            amount(row, "figure"),
            None if row["control"] is None else sum(Decimal(row[name]) for name in items),
            amount(row, "difference"),
            row["status"],
        )
        for row in rows
    )


def cost_of_epics(true: Truth) -> Answer:
    sums = _sums(true.marts["mart_epic_cost"], lambda row: (row["epic_id"], row["epic_name"]), "cost")
    return [(*key, value) for key, value in sorted(sums.items())]


def work_for_nothing(true: Truth) -> Answer:
    rows = [row for row in true.over("mart_work_ladder") if not row["is_rollup"]]
    days: dict[Any, float] = defaultdict(float)
    for row in rows:
        days[row["no_ladder_reason"]] += row["effort_days"]
    costs = _sums([row for row in rows if row["cost"]], lambda row: (row["no_ladder_reason"],), "cost")
    reasons = sorted(days, key=lambda reason: (reason is None, reason or ""))
    return [(one, round(days[one], 9), costs.get((one,))) for one in reasons]


def waiting(true: Truth) -> Answer:
    across = ("is_across_teams", "is_across_products")
    rows = [row for row in true.marts["mart_dependency"] if row["is_open"] and any(row[one] for one in across)]
    columns = ("blocker_key", "blocker_team_id", "blocked_key", "blocked_team_id", "linked_date", "open_days", "found")
    rows.sort(key=lambda row: (row["linked_date"] is None, row["linked_date"] or "", row["link_id"]))
    return [tuple(row[name] for name in columns) for row in rows]


def capitalised_by_regime(true: Truth) -> Answer:
    rows = true.marts["mart_capex_opex"]
    key = ("fiscal_period", "regime", "is_chosen")
    added, carried = (
        _sums(rows, lambda row: tuple(row[name] for name in key), one) for one in ("capitalised", "closing")
    )
    return [(*one, added[one], carried[one]) for one in sorted(added)]


def cost_by_product(true: Truth) -> Answer:
    sums: dict[tuple[str, str], list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
    for row in true.last_period("mart_product_cost"):
        part = 0 if row["stage"] in ("direct", "team") else 1
        sums[row["product_id"], row["statement_group"]][part] += Decimal(row["cost"])
    return [
        (product, true.name("products", product), group, *parts) for (product, group), parts in sorted(sums.items())
    ]


def cost_of_nobody(true: Truth) -> Answer:
    rows = true.over("mart_product_cost")
    whole = _sums(rows, lambda row: (true.ends[row["fiscal_period"]],), "cost")
    of_nobody = [row for row in rows if row["product_id"] in NOBODY]
    parts = _sums(of_nobody, lambda row: (true.ends[row["fiscal_period"]],), "cost")
    return [(*day, parts.get(day, Decimal(0)), cost) for day, cost in sorted(whole.items())]


def staffing_against_revenue(true: Truth) -> Answer:
    names = ("average_fte_12m", "revenue_per_fte", "revenue_per_fte_suppressed_reason")
    return sorted(
        (
            row["product_id"],
            true.name("products", row["product_id"]),
            *(_plain(row[name]) for name in (*names, "revenue_growth_ratio", "cost_growth_ratio")),
        )
        for row in true.last_period("mart_product_staffing")
        if row["product_id"] in MEMBERS or true.level(row["product_id"]) == "product"
    )


def engineers_and_designers(true: Truth) -> Answer:
    ratios = ("engineering_per_product_manager_ratio", "design_per_product_manager_ratio")
    names = ("product_management_fte", "engineering_fte", "design_fte", *ratios, f"{ratios[1]}_suppressed_reason")
    return sorted(
        (row["product_id"], true.name("products", row["product_id"]), *(_plain(row[name]) for name in names))
        for row in true.last_period("mart_product_staffing")
        if row["product_team_headcount"]
    )


def planned_work(true: Truth) -> Answer:
    rows = [row for row in true.marts["mart_capacity"] if row["is_complete"] and row["planned_fte_weeks"] is not None]
    uses = ("supply", "planned", "unplanned", "unattributed")
    sums = {
        use: _sums(rows, lambda row: (_quarter(row["week_start_date"]), row["team_id"]), f"{use}_fte_weeks")
        for use in uses
    }
    return [
        (day, team, true.name("teams", team), *(round(float(sums[use][day, team]), 9) for use in uses))
        for day, team in sorted(sums["supply"])
    ]


def time_to_decision(true: Truth) -> Answer:
    rows = [
        row
        for row in true.marts["mart_productops_impact"]
        if (row["product_id"], row["stage"]) == ("COMPANY", "raised_to_decided") and row["fiscal_quarter"] != "ALL"
    ]
    shown = ("fiscal_quarter", "rounds", "stages_open", "median_hours", "median_hours_reason", "p85_hours")
    return [tuple(_plain(row[name]) for name in shown) for row in sorted(rows, key=lambda row: row["fiscal_quarter"])]


def _quarter(day: str) -> str:
    """The first day of the calendar's."""
    year, month, _ = day.split("-")
    return f"{year}-{(int(month) - 1) // 3 * 3 + 1:02d}-01"


def revenue_by_segment(true: Truth) -> Answer:
    sums = _sums(
        true.over("mart_revenue"),
        lambda row: (true.quarters[row["fiscal_period"]], row["segment"], row["portfolio_id_as_was"] or ""),
        "recognised_revenue",
    )
    found = [
        (quarter, segment, true.name("segments", segment), portfolio or None, value)
        for (quarter, segment, portfolio), value in sums.items()
    ]
    return sorted(found, key=lambda row: (*row[:3], row[3] is None, row[3]))


def profit_by_quarter(true: Truth) -> Answer:
    rows: dict[str, list[Row]] = defaultdict(list)
    for row in true.over("mart_product_pnl"):
        rows[true.quarters[row["fiscal_period"]]].append(row)
    names = ("recognised_revenue", "gross_profit", "contribution", "ebitda_proxy")
    return [
        (
            quarter,
            *(None if None in [row[name] for row in found] else _added(row[name] for row in found) for name in names),
        )
        for quarter, found in sorted(rows.items())
    ]


def actual_against_budget(true: Truth) -> Answer:
    amounts = ("actual", "budget", "variance")
    return sorted(
        (
            row["account_group"],
            *(row[name] and Decimal(row[name]) for name in amounts),
            _plain(row["variance_ratio"]),
            row["variance_ratio_suppressed_reason"],
        )
        for row in true.last_period("mart_budget")
        if row["product_id"] == "COMPANY"
    )


def forecast(true: Truth) -> Answer:
    year = next(one.year for one in true.company.periods if one.last.isoformat() >= true.today)
    of_year = {one.name for one in true.company.periods if one.year == year}
    lines: dict[str, list[Row]] = defaultdict(list)
    for row in true.marts["mart_budget"]:
        if row["product_id"] == "COMPANY" and row["fiscal_period"] in of_year:
            lines[row["account_group"]].append(row)
    return [
        (
            group,
            *(_added(row[name] for row in rows) for name in ("budget", "forecast")),
            sum(row["forecast_rule"] == "actual" for row in rows),
            sum(row["forecast_rule"] is not None for row in rows),
        )
        for group, rows in sorted(lines.items())
    ]


def heat_map(true: Truth) -> Answer:
    staffing = {row["product_id"]: row for row in true.last_period("mart_product_staffing")}
    rows = [row for row in true.last_period("mart_product_pnl") if true.level(row["product_id"]) == "product"]
    end = true.ends[rows[0]["fiscal_period"]]
    users = {
        row["product_id"]: row["mau_28d"]
        for row in true.marts["mart_usage"]
        if row["slice_type"] == "all" and row["activity_date"] == end
    }
    return sorted(
        (
            row["product_id"],
            true.name("products", row["product_id"]),
            _plain(row["gross_margin_ratio"]),
            Decimal(row["contribution"]),
            _plain(staffing[row["product_id"]]["revenue_growth_ratio"]),
            _plain(staffing[row["product_id"]]["revenue_per_fte"]),
            users.get(row["product_id"]),
        )
        for row in rows
    )


def largest_customers(true: Truth) -> Answer:
    rows = [row for row in true.last_period("mart_customer", is_over=False) if row["customer_id"] != "UNMAPPED"]
    largest = sorted(rows, key=lambda row: (-Decimal(row["closing_arr"]), row["customer_id"]))[:10]
    names = ("customer_id", "customer_name", "closing_arr", "products", "product_names")
    return [tuple(Decimal(row[name]) if name == "closing_arr" else row[name] for name in names) for row in largest]


def renewals(true: Truth) -> Answer:
    rows = true.last_period("mart_customer", is_over=False)
    due = [row for row in rows if Decimal(row["renewal_next_quarter_arr"]) > 0]
    return [
        (
            row["customer_id"],
            row["customer_name"],
            Decimal(row["renewal_next_quarter_arr"]),
            row["next_renewal_date"],
            row["health"],
        )
        for row in sorted(due, key=lambda row: (-Decimal(row["renewal_next_quarter_arr"]), row["customer_id"]))
    ]


def objectives(true: Truth) -> Answer:
    """The last row of each objective whose cycle is not over."""
    ends = {row["id"]: row["end"] for row in true.company.rows("okr_cycles", true.company_now)}
    running = {row["id"]: row["cycle"] for row in true.company.rows("objectives", true.company_now)}
    last = {row["goal_id"]: row for row in true.marts["mart_okr"] if row["goal_type"] == "objective"}
    names = ("goal_id", "score", "original_score", "expected_progress", "key_results_scored", "key_results")
    return [
        (running[name], *(_plain(row[column]) for column in names))
        for name, row in sorted(last.items())
        if ends[running[name]] > true.today
    ]


def late_promises(true: Truth) -> Answer:
    rows = [
        dict(row) | {"days": row["days_late"] or row["days_late_so_far"] or 0}
        for row in true.marts["mart_roadmap_outcome"]
    ]
    names = ("item_key", "item_name", "horizon", "promised_date", "done_date", "days")
    return [
        (*(_plain(row[name]) for name in names), row["cost_to_date"] and Decimal(row["cost_to_date"]))
        for row in sorted(rows, key=lambda row: (-row["days"], row["item_key"], row["promise_id"]))
        if row["days"] > 0
    ]


ANSWERS: dict[str, Callable[[Truth], Answer]] = {
    "How new figures are": how_new,
    "Annual recurring revenue by product by month": arr_by_product_by_month,
    "Net revenue retention by segment": nrr_by_segment,
    "Movements of revenue by quarter": movements_by_quarter,
    "Price by market": price_by_market,
    "Monthly active users by product": users_by_product,
    "Adoption of features": adoption,
    "Work in progress by team": work_by_team,
    "Where objectives stand": objectives,
    "What was promised and is late": late_promises,
    "Share of market": share_of_market,
    "Profit by product": profit_by_product,
    "AI and tools: the ledger and our own list": spend_on_tools,
    "Cost by cost centre": cost_by_centre,
    "How sure product cost is": range_of_cost,
    "What the profit and loss is proven by": proof_of_profit,
    "Cost of epics so far": cost_of_epics,
    "Work that is for no key result": work_for_nothing,
    "What waits for another team or product": waiting,
    "What each regime would capitalise": capitalised_by_regime,
    "Cost by product": cost_by_product,
    "Cost that is nobody's by month": cost_of_nobody,
    "Staffing against revenue": staffing_against_revenue,
    "Engineers and designers for each product manager": engineers_and_designers,
    "Planned and unplanned work of teams": planned_work,
    "Time to decision by quarter": time_to_decision,
    "Revenue by segment and portfolio by quarter": revenue_by_segment,
    "Profit and EBITDA by quarter": profit_by_quarter,
    "Actual against budget": actual_against_budget,
    "Forecast to the year's end": forecast,
    "Where products do well and where not": heat_map,
    "The largest customers and their products": largest_customers,
    "Renewals of the next quarter": renewals,
}
