"""Cost and recognised revenue: tied to the ledger in every period, worked by hand, and on labelled cases."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from fractions import Fraction
from functools import cache
from typing import Any

import pytest

from sandbox.company import DEFAULT_NOW
from sandbox.company.calendar import Period
from sandbox.company.people.facts import Employment
from sandbox.timestamps import ms, utc
from sandbox.truth import cost, maps, recognised, truth
from sandbox.truth.books import Posting
from sandbox.truth.cost import GENERAL, OVERHEAD, SHARED, UNALLOCATED, Costs, Uses, uses
from sandbox.truth.maps import UNMAPPED
from sandbox.truth.recognised import Postings, Recognised
from sandbox.truth.recognised import recognised as recognised_revenue
from sandbox.truth.revenue import Revenue
from tests.sandbox.conftest import made

NOW = ms(DEFAULT_NOW)


@cache
def used(seed: int) -> Uses:
    return uses(made(seed), NOW, truth(made(seed), NOW))


@cache
def known(seed: int) -> tuple[Costs, list[cost.Cost]]:
    costs = Costs(made(seed), NOW, used(seed))
    return costs, costs.rows()


@cache
def earned(seed: int) -> list[Recognised]:
    return recognised_revenue(made(seed), NOW)


# -- the ledger owns the amount


@pytest.mark.parametrize("seed", [1, 2])
def test_cost_is_the_ledgers_to_the_minor_unit(seed: int) -> None:
    """Cost of all products and stages is what the ledger spent, by period, statement group and cost type."""
    costs, rows = known(seed)
    left: dict[tuple[str, str, str], int] = defaultdict(int)
    for row in rows:
        left[row.fiscal_period, row.statement_group, row.cost_type] += row.amount
    spent = 0
    for period in costs.postings.periods:
        for posting in costs.postings.of(period):
            group, kind = costs.kind(posting)
            if group:
                left[period.name, group, kind] -= posting.amount
                spent += posting.amount
    assert not any(left.values())
    assert spent > 100_000_000
    assert {row.stage for row in rows} == {0, 1, 2, 3}
    assert {UNALLOCATED, UNMAPPED} < {row.product_id for row in rows}


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_recognised_revenue_is_the_ledgers_to_the_minor_unit(seed: int) -> None:
    rows, postings = earned(seed), Postings(made(seed), NOW)
    accounts = postings.ledger.accounts
    for period in postings.periods:
        income = sum(one.amount for one in postings.of(period) if accounts[one.account]["type"] == "Income")
        assert sum(row.amount for row in rows if row.fiscal_period == period.name) == -income, period.name
    assert UNMAPPED in {row.product_id for row in rows}
    assert len({(row.segment, row.market) for row in rows}) > 10


def test_income_that_nobody_has_mapped_is_revenue_all_the_same_and_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    mapped, right = earned(2), Postings.account

    def forgotten(self: Postings, posting: Posting) -> dict[str, str] | None:
        return None if self.ledger.accounts[posting.account]["type"] == "Income" else right(self, posting)

    monkeypatch.setattr(Postings, "account", forgotten)
    assert recognised_revenue(made(2), NOW) == [replace(row, of_unmapped_accounts=row.amount) for row in mapped]
    assert {row.of_unmapped_accounts for row in mapped} == {0}


@pytest.mark.parametrize("seed", [1, 2])
def test_a_shared_platform_goes_on_to_the_others_whole(seed: int) -> None:
    costs, rows = known(seed)
    for period in costs.postings.periods:
        sums: dict[int, int] = defaultdict(int)
        for row in rows:
            if row.fiscal_period == period.name:
                sums[row.stage] += row.amount
                sums[-1] += row.amount if row.product_id == "core" else 0
        assert sums[SHARED] == 0
        if period.last >= date(2025, 1, 1):
            assert costs.shared_products(period) == {"core"}
            assert sums[-1] == 0


# -- worked by hand

MARCH = Period("FY26-P03", "FY26-Q1", "FY26", date(2026, 3, 1), date(2026, 3, 31))
# Account, class, minor units.
ENTERED = (
    ("hosting", "payments", 10_001),
    ("hosting", "core", 4_000),
    ("hosting", "connector", 77),
    ("hosting", "", 500),
    ("hosting", "storefront", -301),
    ("salaries", "", 100_000),
    ("rent", "", 9_001),
    ("travel", "", 3),
    ("interest", "", 1_000),
)
SAID = {
    "hosting": ("cost_of_revenue", "cloud"),
    "salaries": ("operating_expense", "payroll"),
    "rent": ("operating_expense", "facilities"),
    "interest": ("other", ""),
}


class ByHand(Costs):
    """A month of nine postings: half of the pay is for payments, a quarter for the platform, a quarter for nobody."""

    def __init__(self) -> None:
        super().__init__(made(1), NOW, {"FY26-P03": {"payments": Fraction(3), "storefront": Fraction(1)}})

    def kind(self, posting: Posting) -> tuple[str, str]:
        group, kind = SAID.get(posting.account, (UNMAPPED, UNMAPPED))
        return (group, kind) if group != "other" else ("", "")

    def shape(self, period: Period) -> dict[str, Fraction]:
        return {"payments": Fraction(2), "core": Fraction(1), OVERHEAD: Fraction(1)}

    def shared_products(self, period: Period) -> set[str]:
        return {"core"}


def test_stages_worked_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    posted = [
        Posting(MARCH.first, "Bill", "1", n, account, a, product) for n, (account, product, a) in enumerate(ENTERED)
    ]
    of_class = {"": {}, "connector": {UNMAPPED: Fraction(1)}}
    monkeypatch.setattr(Postings, "of", lambda self, period: posted)
    monkeypatch.setattr(Postings, "products", lambda self, one: of_class.get(one.product, {one.product: Fraction(1)}))
    sums: dict[tuple[str, int], int] = defaultdict(int)
    for share in ByHand().shares(MARCH):
        sums[share.product_id, share.stage] += share.amount
    # The platform's 40.00 and 250.00 go on by 3 to 1. Payments then has 828.51 (100.01 + 500 + 30 + 187.50 + …) of
    # 898.00, storefront the rest of it; 250.00 of pay and 90.01 of rent follow that.
    payments, storefront = 10_001 + 50_000 + 3_000 + 18_750, -301 + 1_000 + 6_250
    pay = round(Fraction(25_000 * payments, payments + storefront))
    rent = round(Fraction(9_001 * payments, payments + storefront))
    assert sums == {
        ("payments", 0): 10_001,
        ("core", 0): 4_000,
        (UNMAPPED, 0): 77,
        (UNALLOCATED, 0): 503,
        ("storefront", 0): -301,
        ("payments", 1): 50_000,
        ("core", 1): 25_000,
        ("core", 2): -29_000,
        ("payments", 2): 21_750,
        ("storefront", 2): 7_250,
        ("payments", 3): pay + rent,
        ("storefront", 3): 34_001 - pay - rent,
    }


def test_a_platform_nobody_uses_and_overhead_without_a_product_are_unallocated(monkeypatch: pytest.MonkeyPatch) -> None:
    posted = [Posting(MARCH.first, "Bill", "1", n, name, 100) for n, name in enumerate(("rent", "salaries"))]
    monkeypatch.setattr(Postings, "of", lambda self, period: posted)
    costs = ByHand()
    costs.uses = {}
    monkeypatch.setattr(costs, "shape", lambda period: {"core": Fraction(1)})
    sums: dict[tuple[str, int], int] = defaultdict(int)
    for share in costs.shares(MARCH):
        sums[share.product_id, share.stage] += share.amount
    assert sums == {("core", 1): 100, ("core", 2): -100, (UNALLOCATED, 2): 100, (UNALLOCATED, GENERAL): 100}


def test_shares_of_a_team_are_those_of_the_day() -> None:
    costs = known(1)[0]
    assert costs.products("T-HERON", date(2026, 1, 31)) == {"storefront": Fraction("0.6"), "mobile": Fraction("0.4")}
    assert sum(costs.products("T-HERON", date(2026, 2, 1)).values()) == 1
    assert len(costs.products("T-HERON", date(2026, 2, 1))) == 3
    assert costs.products("T-EAGLE", date(2026, 4, 1)) == {"checkout": 1}
    assert costs.products("T-FALCON", date(2026, 4, 1)) == {UNALLOCATED: 1}
    assert costs.products("T-SALES", date(2026, 4, 1)) == {OVERHEAD: 1}


def test_the_shape_is_every_day_of_everybodys_pay_but_contractors() -> None:
    """Worked out once more with spans of days in place of days, for a month in which people come, go and move."""
    costs, company = known(1)[0], made(1)
    period = next(one for one in company.periods if one.first <= date(2026, 6, 15) <= one.last)
    whole = Fraction(0)
    for worker in company.staff.workers:
        life = worker.as_known(NOW)
        rate = costs.exchange.actual(worker.currency, period.last)
        for day in (date.fromordinal(n) for n in range(period.first.toordinal(), period.last.toordinal() + 1)):
            job = life.job(day)
            if job is None or worker.kind == "contractor":
                continue
            if not any(one.first <= day <= one.last and one.kind == "Unpaid Leave" for one in life.leaves):
                amounts = [one.amount_minor for one in life.pay if one.since <= day]
                whole += Fraction(job.fte) * amounts[-1] * rate
    equal = sum(costs.shape(period).values()) == whole
    assert equal
    assert any(
        worker.kind == "contractor" and worker.as_known(NOW).job(period.last) for worker in company.staff.workers
    )


# -- labelled cases


def documents(case: str) -> set[str]:
    return {key.split("/")[1] for key in next(found.keys for found in made(1).cases if found.name == case)}


def placed(case: str) -> dict[tuple[str, str, int], int]:
    """Cost of a case's documents by month, product and stage."""
    costs, wanted = known(1)[0], documents(case)
    found: dict[tuple[str, str, int], int] = defaultdict(int)
    for period in costs.postings.periods:
        if period.last > date(2025, 10, 1):
            for share in costs.shares(period):
                if share.posting.document in wanted:
                    found[f"{period.last:%Y-%m}", share.product_id, share.stage] += share.amount
    return {key: amount for key, amount in found.items() if amount}


def test_costs_of_labelled_documents() -> None:
    assert placed("bill_two_months_late") == {("2026-06", "payments", 0): 1_234_567}
    assert placed("deactivated_class") == {("2025-11", "storefront-wishlist", 0): 410_000}
    late = placed("late_entry_in_a_reopened_period")
    assert late == {("2026-06", "insights", 0): 456_789}
    (unmapped,) = placed("unmapped_class").items()
    assert unmapped[0] == ("2026-09", UNMAPPED, 0)
    untagged = placed("untagged_lines")
    assert untagged.pop(("2026-08", UNALLOCATED, 0)) == untagged.pop(("2026-08", "insights", 0)) == 333_100
    assert {key[2] for key in untagged} == {GENERAL}
    assert sum(untagged.values()) == 333_100
    assert sorted(placed("shared_bill").values()) == [333_333, 333_333, 333_334]
    people = placed("contractor_in_payables_and_people")
    assert {key[1:] for key in people} == {("checkout", 0)}


def test_revenue_of_labelled_documents() -> None:
    """Books' own customers are in no file: their segment is unknown, their product is not."""
    rows = [row for row in earned(1) if (row.segment, row.market) == (UNMAPPED, UNMAPPED)]
    billed = [row for row in earned(1) if row.segment != UNMAPPED]
    assert {row.product_id for row in rows} >= {"insights", "payments", "checkout", UNMAPPED}
    assert sum(row.amount for row in billed) > 10_000_000
    # Money for API calls and onboarding is the platform's own.
    assert "core" in {row.product_id for row in billed}
    assert any(row.product_id == UNMAPPED for row in billed)


# -- each rule matters

Bend = Callable[[pytest.MonkeyPatch], None]
BENDS: dict[str, Bend] = {}


def bend(change: Bend) -> Bend:
    BENDS[change.__name__] = change
    return change


@bend
def mapping_of_any_day(patch: pytest.MonkeyPatch) -> None:
    right = maps.is_valid
    today = utc(NOW).date()
    for module in (recognised, cost):
        patch.setattr(module, "is_valid", lambda row, day: right(row, today))


@bend
def contractors_count_twice(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(cost, "CONTRACTOR", "nobody")


@bend
def unpaid_leave_is_paid(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Employment, "leaves", property(lambda self: []))


@bend
def the_platform_keeps_its_cost(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Costs, "_stepped_down", lambda self, period, shares: [])


@bend
def teams_without_a_product_are_unallocated(patch: pytest.MonkeyPatch) -> None:
    right = Costs.products

    def products(self: Costs, team: str, day: date) -> dict[str, Fraction]:
        found = right(self, team, day)
        return {UNALLOCATED: Fraction(1)} if OVERHEAD in found else found

    patch.setattr(Costs, "products", products)


@bend
def all_that_is_untagged_is_overhead(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(cost, "OVERHEAD_TYPES", (*cost.OVERHEAD_TYPES, "cloud", "contractor", "payment_fees"))


@bend
def unmapped_accounts_are_no_cost(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(cost, "COST_TYPES", ())


@pytest.mark.parametrize("name", sorted(BENDS))
def test_a_bent_rule_gives_another_cost(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    right = known(2)[1]
    BENDS[name](monkeypatch)
    differs = Costs(made(2), NOW, used(2)).rows() != right
    assert differs


def without_days(patch: pytest.MonkeyPatch) -> None:
    def at_once(self: Any, line: Any, billed: date) -> Any:
        return [(period, Fraction(1)) for period in self.revenue.periods if period.first <= billed <= period.last]

    patch.setattr(recognised.Served, "_days", at_once)


def segment_of_today(patch: pytest.MonkeyPatch) -> None:
    right = Revenue.row
    patch.setattr(Revenue, "row", lambda self, customer, day: right(self, customer, self.today))


@pytest.mark.parametrize("change", [without_days, segment_of_today])
def test_a_bent_rule_gives_another_revenue(monkeypatch: pytest.MonkeyPatch, change: Bend) -> None:
    right = earned(2)
    change(monkeypatch)
    differs = recognised_revenue(made(2), NOW) != right
    assert differs
