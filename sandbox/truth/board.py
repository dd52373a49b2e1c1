"""What a board is shown: metrics by slice, fiscal period and quarter, beside the period before, a year ago and the plan.

The definitions:
- A metric is a sum over rows of a mart, or the quotient of two such sums. A row is of the period in which its last day
  lies. Of the company it counts once; of a portfolio and a product as today's catalogue has them: a product is the one
  right under its portfolio, with all below it; what stands under none is its own.
- Where the parts of a product can't be added up (its customers, its heads) a product in several parts has no figure.
- A sum that lacks the figure of a row has none; of goals and of prices against other markets those that are known are
  added up, and the coverage says how many they are.
- What is added up is rounded at the ninth place, a quotient half to even. There is none where the denominator is not above zero, and
  where it is made of fewer than ratio_min_n of what it counts.
- A quarter is the last of its periods of a balance, the first of an opening, the sum of a flow. Of a flow each period
  that is over must be known for the company.
- The plan is the budget's, by groups of accounts, each of which must be planned; of a quarter each of its periods. What
  is planned and has not come is 0.
- A change is the difference from the period (quarter) before, or from the same one of the year before; growth is over
  what is above zero, and of no ratio. A flow of a period that runs is compared with nothing.
- A row is there with a value, with a plan, for the company as a whole, of what is known of some alone, or where the
  reason is one that hides a figure.
Does not: the marts themselves, probabilities and labels by forecast.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sandbox.company import Company
from sandbox.company.calendar import Period
from sandbox.timestamps import local_date
from sandbox.truth.maps import COMPANY, UNALLOCATED, UNMAPPED
from sandbox.truth.okr import Life
from sandbox.truth.standard import closed_until

Row = Mapping[str, Any]
Number = Callable[[Row], Fraction | None]
EVERY = ("all", "portfolio", "product", "segment", "market")
PRODUCTS = ("all", "portfolio", "product")
COUNTED = ("all", "product", "segment", "market")
HIDING = ("withheld", "too_few", "coverage", "several_parts")
PLACES = 10**9


def sums(*names: str, times: int = 1) -> Number:
    """The sum of columns, some with a minus before their name; none where one of them is."""

    def number(row: Row) -> Fraction | None:
        found = [(-1 if name.startswith("-") else 1, row[name.removeprefix("-")]) for name in names]
        if any(value is None for _, value in found):
            return None
        return times * sum((sign * Fraction(str(value)) for sign, value in found), Fraction(0))

    return number


def fixed(value: int) -> Number:
    return lambda row: Fraction(value)


def said(column: str, *reasons: str) -> Callable[[Row], str | None]:
    """A mart's own reason, where it is one of some (or any)."""
    return lambda row: row[column] if not reasons or row[column] in reasons else None


@dataclass(frozen=True, slots=True)
class Metric:
    mart: str
    unit: str
    over: str
    slices: Sequence[str]
    top: Number
    under: Number | None = None
    reason: Callable[[Row], str | None] = lambda row: None
    n: Number | None = None
    covered: Number | None = None
    whole: Number | None = None
    is_single: bool = False
    is_of_known: bool = False
    plan: Mapping[str, int] = field(default_factory=dict)
    plan_under: Mapping[str, int] = field(default_factory=dict)
    where: Callable[[Row], bool] = lambda row: True


KINDS = ("logo_new", "reactivation", "late_renewal", "cross_sell", "expansion_quantity", "expansion_price")
KINDS = (*KINDS, "expansion_mix", "contraction", "product_churn", "logo_churn", "fx")
TOGETHER = {
    "transfer": ("transfer_in", "transfer_out"),
    "returned": ("reactivation", "late_renewal"),
    "expansion": ("cross_sell", "expansion_quantity", "expansion_price", "expansion_mix"),
    "churn": ("product_churn", "logo_churn"),
    "transfer_and_fx": ("transfer_in", "transfer_out", "fx"),
}
R_AND_D = ("research_and_development_direct", "research_and_development_shared")
WITHHELD = said("withheld")


def _recurring() -> Iterator[tuple[str, Metric]]:
    def bridge(over: str, *names: str, times: int = 12) -> Metric:
        return Metric("mart_arr", "money", over, EVERY, sums(*names, times=times))

    yield "arr", bridge("last", "closing_arr", times=1)
    yield "opening_arr", bridge("first", "opening_mrr")
    yield "net_new_arr", bridge("sum", "closing_mrr", "-opening_mrr")
    for name, parts in {**{kind: (kind,) for kind in KINDS}, **TOGETHER}.items():
        yield f"{name}_arr", bridge("sum", *(f"{part}_mrr" for part in parts))
    for name, part in (("nrr", "net_mrr"), ("grr", "gross_mrr")):
        yield (
            name,
            Metric(
                *("mart_revenue_retention", "ratio", "last", COUNTED, sums(part), sums("start_mrr")),
                reason=said(f"{name}_ratio_suppressed_reason"),
                covered=sums("start_mrr"),
                whole=sums("start_mrr", "unmapped_start_mrr"),
                is_single=True,
            ),
        )

    def account(
        unit: str, over: str, top: str, unmapped: str, under: str | None = None, covers: str | None = None
    ) -> Metric:
        number = sums(under) if under else None
        whole = covers or top
        return Metric(
            *("mart_arpa", unit, over, COUNTED, sums(top), number),
            n=number,
            covered=sums(whole, f"-{unmapped}"),
            whole=sums(whole),
            is_single=True,
        )

    yield "arpa", account("money", "last", "paying_mrr", "unmapped_mrr", "paying_customers")
    yield "asp", account("money", "sum", "new_mrr", "unmapped_new_mrr", "new_customers")
    yield "paying_customers", account("count", "last", "paying_customers", "unmapped_accounts")
    yield "new_customers", account("count", "sum", "new_customers", "unmapped_new_accounts")


def _profit() -> Iterator[tuple[str, Metric]]:
    revenue, cost = {"revenue": 1}, {"cost_of_revenue": -1}
    yield "recognised_revenue", Metric("mart_revenue", "money", "sum", EVERY, sums("recognised_revenue"), plan=revenue)

    def line(*names: str, plan: Mapping[str, int] | None = None) -> Metric:
        return Metric(
            "mart_product_pnl",
            "money",
            "sum",
            PRODUCTS,
            sums(*names),
            plan=plan or {},
            reason=lambda row: WITHHELD(row),
        )

    def margin(*names: str, plan: Mapping[str, int] | None = None) -> Metric:
        return Metric(
            *("mart_product_pnl", "ratio", "sum", PRODUCTS, sums(*names), sums("recognised_revenue")),
            plan=plan or {},
            plan_under=revenue if plan else {},
            reason=lambda row: WITHHELD(row),
        )

    profit = revenue | cost | {"operating_expense": -1}
    yield "cost_of_revenue", line("cost_of_revenue", plan={"cost_of_revenue": 1})
    yield "gross_profit", line("gross_profit", plan=revenue | cost)
    yield "gross_margin", margin("gross_profit", plan=revenue | cost)
    yield "research_and_development", line(*R_AND_D, plan={"research_and_development": 1})
    yield "research_and_development_share", margin(*R_AND_D, plan={"research_and_development": 1})
    for name in (*R_AND_D, "capitalised", "research_and_development_net", "contribution", "depreciation"):
        yield name, line(name)
    yield "sales_and_marketing", line("sales_and_marketing", plan={"sales_and_marketing": 1})
    yield "general_and_administrative", line("general_and_administrative", plan={"general_and_administration": 1})
    yield "operating_expense", line("operating_expense", plan={"operating_expense": 1})
    yield "contribution_margin", margin("contribution")
    yield "operating_profit", line("operating_profit", plan=profit)
    yield "operating_margin", margin("operating_profit", plan=profit)
    yield "ebitda_proxy", line("ebitda_proxy")
    yield (
        "product_cost",
        Metric(
            *("mart_product_cost", "money", "sum", PRODUCTS),
            lambda row: None if row["remainder"] == "withheld" else Fraction(row["cost"]),
            reason=lambda row: WITHHELD(row),
        ),
    )


def _people() -> Iterator[tuple[str, Metric]]:
    mart = "mart_product_staffing"
    yield "headcount", Metric(mart, "count", "last", ("all", "product"), sums("headcount"), is_single=True)
    for name in ("fte", "engineering_fte", "product_management_fte", "design_fte"):
        yield name, Metric(mart, "fte", "last", PRODUCTS, sums(name))
    for name in ("engineering", "design"):
        yield (
            f"{name}_per_product_manager",
            Metric(
                *(mart, "ratio", "last", PRODUCTS, sums(f"{name}_fte"), sums("product_management_fte")),
                n=sums("product_team_headcount"),
            ),
        )
    yield (
        "revenue_per_fte",
        Metric(
            *(mart, "money", "last", PRODUCTS, sums("revenue_12m"), sums("average_fte_12m")),
            reason=said("revenue_per_fte_suppressed_reason", "not_complete", "short_history"),
            n=sums("headcount"),
        ),
    )
    for name in ("revenue", "cost"):
        yield (
            f"{name}_growth",
            Metric(
                *(mart, "ratio", "last", PRODUCTS),
                sums(f"{name}_12m", f"-{name}_12m_before"),
                sums(f"{name}_12m_before"),
                reason=said(f"{name}_growth_ratio_suppressed_reason", "not_complete", "short_history", "withheld"),
            ),
        )


def _use_and_work() -> Iterator[tuple[str, Metric]]:
    listed = sums("observations", "-observations_without_list")
    yield (
        "realised_price",
        Metric(
            *("mart_pricing", "ratio", "last", EVERY, sums("listed_invoice_amount"), sums("list_amount")),
            n=listed,
            covered=listed,
            whole=sums("observations"),
        ),
    )

    def against(row: Row) -> Fraction | None:
        ratio = row["market_price_ratio"]
        return None if ratio is None else Fraction(ratio) * row["market_observations"]

    def compared(row: Row) -> Fraction | None:
        return None if row["market_price_ratio"] is None else Fraction(row["market_observations"])

    yield (
        "market_price",
        Metric(
            *("mart_pricing", "ratio", "last", ("market",), against, compared),
            where=lambda row: bool(row["is_first_segment"]),
            covered=lambda row: compared(row) or Fraction(0),
            whole=sums("market_observations"),
            is_of_known=True,
        ),
    )
    use = "mart_usage"
    yield "mau", Metric(use, "count", "last", EVERY, sums("mau_28d"))
    yield "dau", Metric(use, "count", "last", EVERY, sums("dau_28d_sum"), fixed(28))
    yield (
        "stickiness",
        Metric(use, "ratio", "last", EVERY, sums("dau_28d_sum"), sums("mau_28d", times=28), n=sums("mau_28d")),
    )
    yield "active_customers", Metric(use, "count", "last", EVERY, sums("customers_28d"))
    for name, who in (("adoption", "users"), ("customer_adoption", "customers")):
        eligible = sums(f"{who}_eligible")
        yield (
            name,
            Metric(
                *("mart_adoption", "ratio", "last", EVERY, sums(f"{who}_adopting"), eligible),
                n=eligible,
                where=lambda row: bool(row["is_last"]),
            ),
        )
    yield (
        "user_retention",
        Metric(
            *("mart_retention", "ratio", "sum", PRODUCTS, sums("users_retained"), sums("users_eligible")),
            n=sums("users_eligible"),
            where=lambda row: row["cohort_grain"] == "month" and row["age"] == 3,
        ),
    )
    yield "throughput", Metric("mart_delivery", "count", "sum", PRODUCTS, sums("throughput_split"))
    yield (
        "wip",
        Metric(
            *("mart_delivery", "count", "last", PRODUCTS, sums("wip_split")), where=lambda row: bool(row["is_last"])
        ),
    )
    yield (
        "work_without_goal",
        Metric(
            *("mart_work_ladder", "ratio", "sum", PRODUCTS),
            lambda row: Fraction(str(row["effort_days"])) if row["no_ladder_reason"] else Fraction(0),
            sums("effort_days"),
            where=lambda row: not row["is_rollup"],
        ),
    )
    for name, known in (
        ("objective_score", lambda row: row["score"]),
        ("objectives_on_track", lambda row: row["is_on_track"]),
        ("objective_probability", lambda row: None),
    ):
        yield name, _of_objectives(known, is_running=name == "objective_probability")
    for name, source in (("work", "jira"), ("usage", "amplitude"), ("billing", "stripe"), ("ledger", "quickbooks")):
        yield (
            f"mapping_coverage_{name}",
            Metric(
                *("mart_data_health", "ratio", "last", ("all",), sums("numerator"), sums("denominator")),
                where=lambda row, source=source: (row["source"], row["metric_id"]) == (source, "mapping_coverage"),
            ),
        )


def _of_objectives(known: Callable[[Row], float | None], *, is_running: bool) -> Metric:
    def top(row: Row) -> Fraction | None:
        value = known(row)
        return None if value is None else Fraction(value)

    def counted(row: Row) -> Fraction | None:
        return None if known(row) is None else Fraction(1)

    return Metric(
        *("mart_okr", "ratio", "last", PRODUCTS, top, counted),
        where=lambda row: bool(row["is_running"]) or not is_running,
        covered=lambda row: counted(row) or Fraction(0),
        whole=fixed(1),
        is_of_known=True,
    )


CYCLES = {"cycle_time": Fraction(1, 2), "cycle_time_p85": Fraction(85, 100)}
METRICS: dict[str, Metric] = dict([*_recurring(), *_profit(), *_people(), *_use_and_work()])
METRICS |= {name: Metric("", "hours", "anew", PRODUCTS, fixed(0)) for name in CYCLES}
FORETOLD = ("objectives_on_track", "objective_probability")
"""What of a cycle that runs is by forecast, which is no truth: there is a row, and nothing in it is compared."""
OF_BOOKS = ("mart_revenue", "mart_product_pnl", "mart_product_cost")


class Catalogue:
    """Products as they stand today: of each the version that holds, else the last that began, else the first."""

    def __init__(self, rows: Sequence[Mapping[str, str]], today: date) -> None:
        self.rows: dict[str, Mapping[str, str]] = {}
        day = today.isoformat()
        for row in sorted(rows, key=lambda one: one["valid_from"]):
            shown = self.rows.get(row["product_id"])
            if shown is None or row["valid_from"] <= day:
                self.rows[row["product_id"]] = row

    def level(self, product: str) -> str:
        return self.rows[product]["level"] if product in self.rows else ""

    def top(self, product: str) -> str:
        above, seen = product, {product}
        while (parent := self.parent(above)) and parent not in seen and self.level(parent) not in ("portfolio", ""):
            above = parent
            seen.add(parent)
        return above

    def parent(self, product: str) -> str:
        return self.rows[product]["parent_id"] if product in self.rows else ""

    def portfolio(self, product: str) -> str | None:
        seen: set[str] = set()
        while product and product not in seen:
            if self.level(product) == "portfolio":
                return product
            seen.add(product)
            product = self.parent(product)
        return None


@dataclass(slots=True)
class Parts:
    """The sums of a metric, slice and period. ``planned``: groups of accounts with a plan."""

    rows: int = 0
    top: Fraction | None = Fraction(0)
    under: Fraction | None = Fraction(0)
    covered: Fraction = Fraction(0)
    whole: Fraction = Fraction(0)
    n: Fraction | None = None
    reason: str | None = None
    plan: Fraction = Fraction(0)
    plan_under: Fraction = Fraction(0)
    planned: set[str] = field(default_factory=set)

    def add(self, top: Fraction | None, under: Fraction | None) -> None:
        self.rows += 1
        self.top = None if top is None or self.top is None else self.top + top
        self.under = None if under is None or self.under is None else self.under + under


@dataclass(slots=True)
class Shown:
    """A figure before it is compared: its plan too."""

    top: Fraction | None
    under: Fraction | None
    covered: Fraction
    whole: Fraction
    n: Fraction | None
    reason: str | None
    plan: Fraction | None
    is_complete: bool
    is_closed: bool | None
    value: Fraction | None = None


Key = tuple[str, str, str]  # metric, slice type and value
Done = tuple[date, set[str], Fraction | None]  # last day of the week, products, hours from started to done


class Board:
    def __init__(
        self,
        company: Company,
        now: int,
        marts: Mapping[str, Sequence[Row]],
        goals: Sequence[Life],
        done: Sequence[Done],
    ) -> None:
        self.company, self.marts, self.goals, self.done = company, marts, goals, done
        self.today = local_date(now, company.reporting_zone)
        self.least = int(company.policy.get("ratio_min_n", "3"))
        self.closed = closed_until(company, now)
        self.periods = list(company.periods)
        self.begun = [one for one in self.periods if one.first <= self.today]
        self.catalogue = Catalogue(company.rows("products", now), self.today)
        self.parts: dict[str, dict[Key, Parts]] = defaultdict(lambda: defaultdict(Parts))

    # -- rows of marts by period

    def period_of(self, day: date) -> str | None:
        return next((one.name for one in self.begun if one.first <= day <= one.last), None)

    def dated(self, mart: str) -> Iterator[tuple[str, Row]]:
        """The rows of a mart with their fiscal period."""
        if mart == "mart_okr":
            yield from self.objectives()
        elif mart == "mart_usage":
            days: dict[str, str] = {}
            for row in self.marts[mart]:
                period = self.period_of(date.fromisoformat(row["activity_date"]))
                if period:
                    days[period] = max(days.get(period, ""), row["activity_date"])
            known = {day: period for period, day in days.items()}
            yield from ((known[row["activity_date"]], row) for row in self.marts[mart] if row["activity_date"] in known)
        elif mart in ("mart_adoption", "mart_retention", "mart_delivery"):
            yield from self.by_last_day(mart)
        elif mart == "mart_data_health":
            period = self.period_of(self.today)
            yield from ((period, row) for row in self.marts[mart] if period)
        elif mart == "mart_pricing":
            seen: set[tuple[str, str, str]] = set()
            for row in sorted(self.marts[mart], key=lambda one: one["segment"]):
                place = row["fiscal_period"], row["product_id"], row["market"]
                yield row["fiscal_period"], {**row, "is_first_segment": place not in seen}
                seen.add(place)
        else:
            yield from ((row["fiscal_period"], row) for row in self.marts[mart])

    def by_last_day(self, mart: str) -> Iterator[tuple[str, Row]]:
        column = {"mart_adoption": "month_start_date", "mart_retention": "period_start_date"}.get(
            mart, "week_start_date"
        )
        found: list[tuple[str, str, Row]] = []
        for row in self.marts[mart]:
            if mart == "mart_retention":
                if row["cohort_grain"] != "month":
                    continue
                begins = months_after(date.fromisoformat(row["cohort_start_date"]), row["age"])
            else:
                begins = date.fromisoformat(row[column])
            ends = (
                begins + timedelta(days=6) if mart == "mart_delivery" else months_after(begins, 1) - timedelta(days=1)
            )
            if period := self.period_of(ends):
                found.append((period, begins.isoformat(), row))
        last: dict[str, str] = {}
        for period, begins_on, _ in found:
            last[period] = max(last.get(period, ""), begins_on)
        yield from ((period, {**row, "is_last": begins_on == last[period]}) for period, begins_on, row in found)

    def objectives(self) -> Iterator[tuple[str, Row]]:
        """Each that stands in its cycle when a period ends, as anybody saw it last."""
        rows: dict[str, list[Row]] = defaultdict(list)
        for row in self.marts["mart_okr"]:
            if row["goal_type"] == "objective":
                rows[row["goal_id"]].append(row)
        for life in self.goals:
            its = sorted(rows[life.name], key=lambda row: row["as_of_date"])
            for period in self.begun:
                day = min(period.last, self.today)
                seen = [row for row in its if row["as_of_date"] <= day.isoformat()]
                if not (life.first <= day < life.end) or not seen:
                    continue
                is_last = seen[-1] is its[-1]
                if is_last and life.left <= self.today and life.left < life.end:
                    continue
                is_over, score = life.end <= self.today, seen[-1]["score"]
                ratio = score if is_last and is_over else seen[-1]["pace_ratio"]
                is_running = is_last and period.last >= self.today
                yield (
                    period.name,
                    {
                        "product_id": life.product_id or COMPANY,
                        "score": score,
                        "is_on_track": None if ratio is None or score is None else float(ratio >= 0.7 - 1e-9),
                        "is_running": is_running,
                    },
                )

    # -- slices

    def places(self, mart: str, row: Row) -> dict[str, str | None]:
        """The slices that a row counts to."""
        if mart == "mart_data_health":
            return {"all": "ALL"}
        product = row["product_id"]
        top, portfolio, level = (
            self.catalogue.top(product),
            self.catalogue.portfolio(product),
            self.catalogue.level(product),
        )
        of_product = None if product == COMPANY else top
        if mart in ("mart_usage", "mart_retention"):  # a row counts all below it
            of_product = None if product != top or level == "portfolio" else of_product
            portfolio = portfolio if level == "portfolio" else None
        if mart in ("mart_product_staffing", "mart_retention"):
            return {"all": "ALL" if product == COMPANY else None, "portfolio": portfolio, "product": of_product}
        if "slice_type" not in row:
            both = {name: row.get(name) for name in ("segment", "market")}
            return {"all": "ALL", "portfolio": portfolio, "product": of_product, **both}
        kind, value = row["slice_type"], row["slice_value"]
        is_whole = mart == "mart_adoption" or product == COMPANY
        if kind != "all":
            return {kind: value if is_whole else None}
        return {"all": "ALL" if is_whole else None, "portfolio": portfolio, "product": of_product}

    # -- sums

    def add_up(self) -> None:
        by_mart: dict[str, list[str]] = defaultdict(list)
        for name, metric in METRICS.items():
            if name not in CYCLES:
                by_mart[metric.mart].append(name)
        for mart, names in by_mart.items():
            for period, row in self.dated(mart):
                places = self.places(mart, row)
                known = {**row, "withheld": "withheld" if row.get("remainder") == "withheld" else None}
                for name in names:
                    if METRICS[name].where(known):
                        self.add(name, period, known, places)
        for row in self.marts["mart_budget"]:
            for name, metric in METRICS.items():
                if row["account_group"] in {**metric.plan, **metric.plan_under}:
                    self.plan(name, metric, row)

    def add(self, name: str, period: str, row: Row, places: Mapping[str, str | None]) -> None:
        metric = METRICS[name]
        top, under = rounded(metric.top(row)), rounded(metric.under(row)) if metric.under else Fraction(0)
        if metric.is_of_known:
            top, under = top or Fraction(0), under or Fraction(0)
        size = abs(under if metric.under and under is not None else top or Fraction(0))
        has_product = row.get("product_id") not in (UNMAPPED, UNALLOCATED)
        is_cell = "slice_type" not in row and metric.mart not in ("mart_product_staffing", "mart_retention")
        whole = metric.whole(row) if metric.whole else size if is_cell and "product_id" in row else Fraction(0)
        covered = metric.covered(row) if metric.covered else size if has_product and whole else Fraction(0)
        for slice_type, value in places.items():
            if value is None or slice_type not in metric.slices:
                continue
            parts = self.parts[period][name, slice_type, value]
            parts.add(top, under)
            parts.covered += covered or 0
            parts.whole += whole or 0
            if metric.n and (n := metric.n(row)) is not None:
                parts.n = max(parts.n or Fraction(0), n)
            if (reason := metric.reason(row)) and (top is None or not hides_sums(metric)):
                parts.reason = max(parts.reason or "", reason)

    def plan(self, name: str, metric: Metric, row: Row) -> None:
        product, group = row["product_id"], row["account_group"]
        top, portfolio = self.catalogue.top(product), self.catalogue.portfolio(product)
        places = (("all", "ALL"),) if product == COMPANY else (("portfolio", portfolio), ("product", top))
        has_come = Fraction(0) if row["actual"] is not None else None
        for slice_type, value in places:
            if value is None:
                continue
            parts = self.parts[row["fiscal_period"]][name, slice_type, value]
            parts.add(has_come, has_come if metric.under else Fraction(0))
            if row["variance_ratio_suppressed_reason"] in ("withheld", "not_begun"):
                parts.reason = parts.reason or row["variance_ratio_suppressed_reason"]
            if row["budget"] is not None:
                parts.planned.add(group)
                parts.plan += metric.plan.get(group, 0) * Fraction(row["budget"])
                parts.plan_under += metric.plan_under.get(group, 0) * Fraction(row["budget"])

    # -- periods and quarters

    def of_period(self, period: Period) -> dict[Key, Shown]:
        return {
            key: self.shown(METRICS[key[0]], parts, period) for key, parts in self.parts.get(period.name, {}).items()
        }

    def shown(self, metric: Metric, parts: Parts, period: Period) -> Shown:
        is_hidden = metric.is_single and parts.rows > 1
        groups = {**metric.plan, **metric.plan_under}
        has_plan = bool(groups) and parts.planned == groups.keys()
        return Shown(
            None if is_hidden else parts.top,
            None if is_hidden or not metric.under else parts.under,
            parts.covered,
            parts.whole,
            parts.n,
            "several_parts" if is_hidden else parts.reason,
            self.planned(metric, parts.plan, parts.plan_under) if has_plan else None,
            period.last < self.today,
            self.is_closed(metric, period),
        )

    def planned(self, metric: Metric, plan: Fraction, under: Fraction) -> Fraction | None:
        if not metric.under:
            return plan
        return rounded(plan / under) if under > 0 else None

    def is_closed(self, metric: Metric, period: Period) -> bool | None:
        if metric.mart not in OF_BOOKS:
            return None
        return self.closed is not None and period.last <= self.closed

    def of_quarter(self, periods: Sequence[Period]) -> dict[Key, Shown]:
        begun = [one for one in periods if one in self.begun]
        over = [one for one in periods if one.last < self.today]
        found: dict[Key, Shown] = {}
        keys = {key for one in periods for key in self.parts.get(one.name, {})}
        for key in keys:
            metric = METRICS[key[0]]
            if metric.over != "sum":
                one = begun[-1] if metric.over == "last" else periods[0]
                if key in self.parts.get(one.name, {}):
                    shown = self.shown(metric, self.parts[one.name][key], one)
                    shown.plan = None
                    shown.is_complete = periods[-1].last < self.today
                    found[key] = shown
                continue
            found[key] = self.summed(metric, key, periods, begun, over)
        return found

    def summed(
        self, metric: Metric, key: Key, periods: Sequence[Period], begun: Sequence[Period], over: Sequence[Period]
    ) -> Shown:
        has = [(one, self.parts[one.name][key]) for one in periods if key in self.parts.get(one.name, {})]
        so_far = [self.shown(metric, parts, one) for one, parts in has if one in begun]
        company = (key[0], "all", "ALL")
        is_known = all(
            company in self.parts.get(one.name, {})
            and self.shown(metric, self.parts[one.name][company], one).top is not None
            for one in over
        )
        groups = {**metric.plan, **metric.plan_under}
        has_plan = bool(groups) and len(has) == len(periods) and all(p.planned == groups.keys() for _, p in has)
        plan = sum((parts.plan for _, parts in has), Fraction(0))
        under = sum((parts.plan_under for _, parts in has), Fraction(0))
        ns = [one.n for one in so_far if one.n is not None]
        return Shown(
            total([one.top for one in so_far]) if is_known else None,
            total([one.under for one in so_far]) if is_known and metric.under else None,
            sum((one.covered for one in so_far), Fraction(0)),
            sum((one.whole for one in so_far), Fraction(0)),
            sum(ns, Fraction(0)) if ns else None,
            max((one.reason for one in so_far if one.reason), default=None if is_known else "short_history"),
            self.planned(metric, plan, under) if has_plan else None,
            periods[-1].last < self.today,
            self.is_closed(metric, periods[-1]),
        )

    def cycles(self, periods: Sequence[Period]) -> dict[Key, Shown]:
        """How long items took that were done in periods, each once in every slice."""
        hours: dict[tuple[str, str], list[Fraction | None]] = defaultdict(list)
        for day, products, took in self.done:
            if any(one.first <= day <= one.last for one in periods if one in self.begun):
                for place in {place for product in products for place in self.in_catalogue(product)}:
                    hours[place].append(took)
        found = {}
        for place, taken in hours.items():
            known = sorted(one for one in taken if one is not None)
            n, whole, is_over = Fraction(len(known)), Fraction(len(taken)), periods[-1].last < self.today
            for name, share in CYCLES.items():
                between = rounded(quantile(known, share)) if known else None
                found[name, *place] = Shown(between, None, n, whole, n, None, None, is_over, None)
        return found

    def in_catalogue(self, product: str) -> list[tuple[str, str]]:
        portfolio = self.catalogue.portfolio(product)
        return [
            ("all", "ALL"),
            ("product", self.catalogue.top(product)),
            *([("portfolio", portfolio)] if portfolio else []),
        ]

    # -- rows

    def rows(self) -> list[dict[str, Any]]:
        self.add_up()
        spans: list[tuple[str, str, str, date, dict[Key, Shown]]] = []
        for one in self.begun:
            spans.append(("fiscal_period", one.name, one.year, one.last, self.of_period(one) | self.cycles([one])))
        quarters: dict[str, list[Period]] = defaultdict(list)
        for one in self.periods:
            quarters[one.quarter].append(one)
        for name, periods in quarters.items():
            if periods[0] in self.begun:
                figures = self.of_quarter(periods) | self.cycles(periods)
                spans.append(("fiscal_quarter", name, periods[0].year, periods[-1].last, figures))
        for *_, figures in spans:
            for key, shown in figures.items():
                shown.value = self.valued(METRICS[key[0]], shown)
        found = []
        for place, (kind, name, year, last, figures) in enumerate(spans):
            same = [one for one in spans if one[0] == kind]
            number = same.index(spans[place])
            before = same[number - 1][4] if number else {}
            year_ago = self.year_before(same, number)
            for key, shown in figures.items():
                if self.is_shown(key, shown):
                    about = {"period_type": kind, "period_id": name, "fiscal_year": year, "period_end_date": last}
                    found.append(about | self.row(key, kind, shown, before.get(key), year_ago.get(key)))
        return found

    def year_before(self, same: Sequence[Any], number: int) -> dict[Key, Shown]:
        """The figures of the period (quarter) of the same place in the year before."""
        years = list(dict.fromkeys(one[2] for one in same))
        year = same[number][2]
        if year == years[0]:
            return {}
        place = [one[1] for one in same if one[2] == year].index(same[number][1])
        before = [one for one in same if one[2] == years[years.index(year) - 1]]
        return before[place][4] if place < len(before) else {}

    def valued(self, metric: Metric, shown: Shown) -> Fraction | None:
        """The value; sets the reason where there is none."""
        if shown.reason is None:
            if shown.top is None:
                shown.reason = "no_data"
            elif metric.under and (shown.under is None or shown.under <= 0):
                shown.reason = "no_denominator"
            elif shown.n is not None and shown.n < self.least:
                shown.reason = "too_few"
        if shown.reason or shown.top is None:
            return None
        return rounded(shown.top / shown.under if shown.under else shown.top)

    def is_shown(self, key: Key, shown: Shown) -> bool:
        return (
            shown.value is not None
            or shown.plan is not None
            or key[1] == "all"
            or METRICS[key[0]].is_of_known
            or shown.reason in HIDING
        )

    def row(self, key: Key, kind: str, shown: Shown, before: Shown | None, year_ago: Shown | None) -> dict[str, Any]:
        metric, (name, slice_type, slice_value) = METRICS[key[0]], key
        of_product = slice_type in ("portfolio", "product")
        found: dict[str, Any] = {
            "metric_id": name,
            "slice_type": slice_type,
            "slice_value": slice_value,
            "unit": metric.unit,
            "portfolio_id": self.catalogue.portfolio(slice_value) if of_product else None,
            "is_rollup": slice_type != "product" or kind != "fiscal_period",
            "is_complete": shown.is_complete,
            "currency": self.company.currency if metric.unit == "money" else None,
        }
        if name in FORETOLD and not shown.is_complete:
            return found
        is_so_far = metric.over == "sum" and not shown.is_complete
        why_not = shown.reason or ("is_ratio" if metric.unit == "ratio" else "partial" if is_so_far else None)
        found |= {
            "value": number_of(shown.value),
            "numerator": number_of(shown.top) if metric.under else None,
            "denominator": number_of(shown.under) if metric.under else None,
            "value_reason": shown.reason,
        }
        for label, change, other in (
            ("prior", "change", before and before.value),
            ("year_ago", "yoy", year_ago and year_ago.value),
            ("plan", "plan_variance", shown.plan),
        ):
            less = None if is_so_far or shown.value is None or other is None else shown.value - other
            base = None if other is None else abs(other) if label == "plan" else max(other, Fraction(0))
            reason = why_not or (None if base else "no_plan" if label == "plan" else "no_base")
            found[f"{label}_value"] = number_of(other)
            found["yoy_change_value" if change == "yoy" else f"{change}_value"] = number_of(less)
            found[f"{change}_ratio"] = float(less / base) if not reason and less is not None and base else None
            found[f"{change}_ratio_suppressed_reason"] = reason
        not_covered = shown.reason or (None if shown.whole else "not_measured")
        return found | {
            "coverage_ratio": None if not_covered else float(shown.covered / shown.whole),
            "coverage_ratio_suppressed_reason": not_covered,
            "status": self.status(shown),
        }

    def status(self, shown: Shown) -> str:
        if shown.reason in HIDING:
            return "suppressed"
        if not shown.is_complete:
            return "partial"
        return "open" if shown.is_closed is False else "final"


def hides_sums(metric: Metric) -> bool:
    """Whether a reason says why a row has no figure; of retention it says why the quotient has none."""
    return metric.mart not in ("mart_revenue_retention", "mart_product_staffing")


def quantile(known: Sequence[Fraction], share: Fraction) -> Fraction:
    """Between the two nearest of sorted values, in proportion."""
    low, between = divmod((len(known) - 1) * share, 1)
    return known[low] + (known[min(low + 1, len(known) - 1)] - known[low]) * between


def total(values: Iterable[Fraction | None]) -> Fraction | None:
    known = list(values)
    return None if None in known or not known else sum((one for one in known if one is not None), Fraction(0))


def months_after(day: date, months: int) -> date:
    years, month = divmod(day.month - 1 + months, 12)
    return date(day.year + years, month + 1, 1)


def rounded(value: Fraction | None) -> Fraction | None:
    return None if value is None else Fraction(round(value * PLACES), PLACES)


def number_of(value: Fraction | None) -> str | None:
    return None if value is None else str(Decimal(f"{round(value * PLACES)}e-9"))


def board(
    company: Company, now: int, marts: Mapping[str, Sequence[Row]], goals: Sequence[Life], done: Sequence[Done]
) -> list[dict[str, Any]]:
    """The rows of mart_board_metric."""
    return Board(company, now, marts, goals, done).rows()
