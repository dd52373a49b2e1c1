"""The truth of usage on a company small enough to be worked by hand, and against windows counted the slow way.

The hand-worked company reports in Berlin (UTC+1 in winter). Its data is as of 2026-02-03, a Tuesday.
"""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

import pytest

from sandbox.company import Company
from sandbox.company.structure import DatedRow, amplitude
from sandbox.company.usage.cases import UsageContext
from sandbox.company.usage.events import DAY, INSIGHTS, EventWriter, Usage
from sandbox.timestamps import ms
from sandbox.truth import KEYS, landed_from, truth, usage
from sandbox.truth.people import UsageFacts
from tests.sandbox.conftest import made

NOW = "2026-02-03T15:00:00Z"
ANN, BOB, CLEO = "ann", "bob", "cleo"
SINCE = "2025-01-01"


class HandMade(Company):
    """Three products (a shop with a feature, and a checkout) in one portfolio, two customers, five people."""

    def __init__(self) -> None:
        super().__init__(1, "tiny")
        self.reporting_zone = "Europe/Berlin"
        self._files = self._files | {
            "products": [
                DatedRow(("group", "Group", "portfolio", "", "", "", SINCE, "")),
                DatedRow(("shop", "Shop", "product", "group", "", "", SINCE, "")),
                DatedRow(("checkout", "Checkout", "product", "group", "", "", SINCE, "")),
                DatedRow(("scan", "Scan", "feature", "shop", "", "", SINCE, "")),
            ],
            "product_map": [
                DatedRow(amplitude("event", "Product Added", "exact", "shop")),
                DatedRow(amplitude("event", "Barcode Scanned", "exact", "scan")),
                DatedRow(amplitude("event", "Payment Completed", "exact", "shop", "0.25")),
                DatedRow(amplitude("event", "Payment Completed", "exact", "checkout", "0.75")),
                DatedRow(amplitude("project", "100001", "exact", "shop")),
            ],
            "customers": [
                DatedRow(("C1", "One", "", "SMB", "DACH", "DE", "retail", SINCE, "2026-01-20")),
                DatedRow(("C1", "One", "", "ENT", "DACH", "DE", "retail", "2026-01-20", "")),
                DatedRow(("C2", "Two", "", "ENT", "FR", "FR", "retail", SINCE, "")),
            ],
            "customer_map": [DatedRow(("amplitude", f"acct-{n}", f"C{n}", SINCE, "")) for n in (1, 2)],
            "worker_map": [DatedRow(("amplitude", "colleague", "W1", SINCE, ""))],
        }
        ledger = EventWriter(1)
        play(UsageContext(ledger, [], [], "Europe/Berlin"))
        self.usage = Usage(ledger)


def play(scene: UsageContext) -> None:
    # Ann, without a name on 5 January and 23:30 UTC of the 5th, which is the 6th in Berlin; then with one.
    scene.event("2026-01-05T10:00:00Z", device="a")
    scene.event("2026-01-05T23:30:00Z", device="a")
    first = scene.event("2026-01-07T10:00:00Z", user=ANN, device="a", account="acct-1")
    scene.again(first, 8 * DAY)
    scene.event("2026-02-02T10:00:00Z", "Barcode Scanned", user=ANN, device="phone", account="acct-1")
    # Bob, of another customer, scans twice in January and comes back in the last hour that is known.
    for hour in (8, 9):
        scene.event(f"2026-01-06T0{hour}:00:00Z", "Barcode Scanned", user=BOB, device="b", account="acct-2")
    scene.event("2026-02-03T11:59:00Z", "Payment Completed", user=BOB, device="b", account="acct-2")
    # Cleo pays on the day on which her customer changes its segment; uploaded late.
    scene.event("2026-01-20T12:00:00Z", "Payment Completed", user=CLEO, account="acct-1", after=5 * DAY)
    # Who is not counted: a heartbeat, a colleague, a crawler, an event of the next hour and one of the future.
    scene.event("2026-01-08T10:00:00Z", "Heartbeat", user=CLEO, account="acct-1")
    scene.event("2026-01-08T11:00:00Z", user="colleague", device="office", account="acct-1")
    scene.event("2026-01-08T12:00:00Z", device="crawler", client=5)
    scene.event("2026-02-03T13:01:00Z", user="too-new", device="n")
    scene.event("2026-03-01T10:00:00Z", user=ANN, device="a", account="acct-1", after=-27 * DAY)
    # In a project that nothing maps: an event that nothing maps.
    scene.event("2026-01-09T10:00:00Z", "Invoice Matched", INSIGHTS, user=BOB, device="b", account="acct-2")


@pytest.fixture(scope="module")
def company() -> Company:
    return HandMade()


@pytest.fixture(scope="module")
def true(company: Company) -> dict[str, list[dict[str, Any]]]:
    return truth(company, NOW)


def of(rows: list[dict[str, Any]], **values: Any) -> list[dict[str, Any]]:
    return [row for row in rows if all(row[name] == value for name, value in values.items())]


def day(true: dict[str, Any], when: str, product: str, value: str = "ALL") -> dict[str, Any]:
    (row,) = of(true["mart_usage"], activity_date=when, product_id=product, slice_value=value)
    return {name: found for name, found in row.items() if name not in KEYS["mart_usage"] and name != "is_rollup"}


def test_days_of_a_product_worked_by_hand(true: dict[str, Any]) -> None:
    assert day(true, "2026-01-06", "shop") == {
        "events": 3,  # Ann's second by Berlin's day, Bob's two scans
        "events_split": "3.000000",
        "dau": 2,
        "wau": 2,
        "mau_28d": 2,
        "mau_month": 2,
        "customers_day": 1,
        "customers_28d": 1,
        "dau_28d_sum": 3,
        "stickiness_ratio": None,
        "stickiness_ratio_suppressed_reason": "too_few",
        "wau_mau_ratio": None,
        "wau_mau_ratio_suppressed_reason": "too_few",
    }
    assert day(true, "2026-01-20", "shop") | {"stickiness_ratio": 0} == {
        "events": 1,
        "events_split": "0.250000",  # the shop's part of Cleo's payment
        "dau": 1,
        "wau": 1,
        "mau_28d": 3,
        "mau_month": 3,
        "customers_day": 1,
        "customers_28d": 2,
        "dau_28d_sum": 5,
        "stickiness_ratio": 0,
        "stickiness_ratio_suppressed_reason": None,
        "wau_mau_ratio": 1 / 3,
        "wau_mau_ratio_suppressed_reason": None,
    }
    # On the last day: Bob pays; of the 28 days from 7 January on, Ann's 7th and 2nd, Cleo's 20th.
    last = day(true, "2026-02-03", "shop")
    assert (last["dau"], last["wau"], last["mau_28d"], last["mau_month"], last["dau_28d_sum"]) == (1, 2, 3, 2, 4)
    assert (last["customers_day"], last["customers_28d"], last["events_split"]) == (1, 2, "0.250000")


def test_the_company_is_more_than_no_product_and_less_than_their_sum(true: dict[str, Any]) -> None:
    """Users do not add up over products (D16); events, weighted, do."""
    when = "2026-02-03"
    company, shop, checkout = (day(true, when, product) for product in ("COMPANY", "shop", "checkout"))
    assert (shop["mau_28d"], checkout["mau_28d"], company["mau_28d"]) == (3, 2, 3)
    assert (shop["events_split"], checkout["events_split"], company["events_split"]) == (
        "0.250000",
        "0.750000",
        "1.000000",
    )
    assert day(true, when, "group") == company
    assert {row["product_id"] for row in true["mart_usage"]} == {"COMPANY", "group", "shop", "checkout", "scan"}


def test_slices_go_by_the_day_of_the_event(true: dict[str, Any]) -> None:
    def users(when: str, value: str) -> int:
        return int(day(true, when, "shop", value)["dau"])

    assert users("2026-01-07", "SMB") == 1  # Ann's customer before it grew
    assert users("2026-01-20", "ENT") == 1  # Cleo's, which is the same, after
    assert users("2026-01-20", "DACH") == 1
    nobodys = of(true["mart_usage"], activity_date="2026-01-05", product_id="shop", slice_value="UNMAPPED")
    assert [(row["slice_type"], row["dau"], row["customers_day"]) for row in nobodys] == [
        ("market", 1, 0),
        ("segment", 1, 0),
    ]
    assert of(true["mart_usage"], activity_date="2026-01-20", product_id="shop", slice_value="FR")[0]["mau_28d"] == 1


def test_rows_end_with_the_data_and_with_the_windows(true: dict[str, Any]) -> None:
    days = [row["activity_date"] for row in of(true["mart_usage"], product_id="shop", slice_value="ALL")]
    assert days == [f"{date(2026, 1, 5) + timedelta(days=n)}" for n in range(30)]  # to 3 February
    # Cleo pays on the 20th alone: her slice of checkout is empty before, and lasts while she is in a window.
    checkout = of(true["mart_usage"], product_id="checkout", slice_value="DACH")
    assert [row["activity_date"] for row in checkout] == [f"2026-01-{n}" for n in range(20, 32)] + [
        f"2026-02-0{n}" for n in (1, 2, 3)
    ]


def test_adoption_worked_by_hand(true: dict[str, Any]) -> None:
    january, february = of(true["mart_adoption"], slice_value="ALL")
    assert january == {
        "month_start_date": "2026-01-01",
        "product_id": "scan",
        "slice_type": "all",
        "slice_value": "ALL",
        "is_rollup": False,
        "users_eligible": 3,
        "users_adopting": 1,
        "users_adoption_ratio": 1 / 3,
        "users_adoption_ratio_suppressed_reason": None,
        "customers_eligible": 2,
        "customers_adopting": 1,
        "customers_adoption_ratio": None,
        "customers_adoption_ratio_suppressed_reason": "too_few",
    }
    assert (february["users_eligible"], february["users_adopting"], february["customers_adopting"]) == (2, 0, 0)
    nameless = of(true["mart_adoption"], month_start_date="2026-01-01", slice_type="market", slice_value="UNMAPPED")
    assert [(row["users_eligible"], row["customers_adoption_ratio_suppressed_reason"]) for row in nameless] == [
        (1, "nobody_eligible")
    ]


def test_retention_worked_by_hand(true: dict[str, Any]) -> None:
    """Ann and Bob began in the week of 5 January, Cleo in that of the 19th; the week of 2 February is running."""
    weeks = of(true["mart_retention"], cohort_grain="week", product_id="shop")
    first = of(weeks, cohort_start_date="2026-01-05")
    assert [
        (row["age"], row["users_retained"], row["users_retained_unbounded"], row["is_complete"]) for row in first
    ] == [(0, 2, 2, True), *((age, 0, 2, True) for age in (1, 2, 3)), (4, 2, 2, False)]
    assert {row["retention_ratio_suppressed_reason"] for row in first} == {"too_few", "not_complete"}
    assert [row["users_eligible"] for row in weeks] == [2] * 5 + [1] * 3
    months = of(true["mart_retention"], cohort_grain="month", product_id="shop")
    assert [
        (row["users_eligible"], row["users_retained"], row["is_complete"], row["retention_ratio"]) for row in months
    ] == [(3, 3, True, 1.0), (3, 2, False, None)]


def test_data_health_worked_by_hand(company: Company, true: dict[str, Any]) -> None:
    rows = of(true["mart_data_health"], source="amplitude")
    events = 14  # of fifteen; the newest hour is not exported yet
    counted = {row["metric_id"]: (row["numerator"], row["denominator"]) for row in rows if "numerator" in row}
    assert counted == {
        "mapping_coverage": (13, events),
        "account_coverage": (11, events),
        "duplicate_events": (1, events),
        "late_events": (2, events),  # Cleo's payment and the repetition
        "future_events": (1, events),
        "future_records": (1, events),  # the same: later than Amplitude took it in
        "past_events": (0, events),
        "bot_events": (1, events),
        "internal_events": (1, events),
        "active_users": (3, 5),  # Ann, Bob and Cleo; the colleague and the crawler do not count
        "merged_users": (4, 4),
        "quarantine_events": (0, events),
        "quarantine_event_types": (0, 5),
        "quarantine_cohorts": (0, 5),
        "quarantine_cohort_members": (0, len(landed_from("amplitude", company, NOW)["cohort_members"])),
    }


def test_windows_are_what_counting_all_their_days_gives() -> None:
    facts = UsageFacts(made(2), ms("2026-10-15T06:00:00Z"))
    cells = usage.cells(facts)
    rows = usage.usage(facts)
    for row in random.Random(5).sample(rows, 300):
        cell = cells[row["product_id"], row["slice_type"], row["slice_value"]]
        last = date.fromisoformat(row["activity_date"])

        def within(by: Any, days: int, last: date = last) -> set[str]:
            return set().union(*(by.get(last - timedelta(days=n), ()) for n in range(days)))

        assert row["wau"] == len(within(cell.users, 7))
        assert row["mau_28d"] == len(within(cell.users, 28))
        assert row["mau_month"] == len(within(cell.users, last.day))
        assert row["customers_28d"] == len(within(cell.customers, 28))
        assert row["dau_28d_sum"] == sum(len(cell.users.get(last - timedelta(days=n), ())) for n in range(28))
    shown = {tuple(row[name] for name in KEYS["mart_usage"]) for row in rows}
    assert len(shown) == len(rows)
    active = {(day.isoformat(), *key) for key, cell in cells.items() for day in cell.users}
    assert active <= shown


@pytest.mark.parametrize(
    ("case", "then", "restated"),
    [
        ("late_beyond_the_default_now", "2026-10-20T06:00:00Z", ("2026-04-11", "storefront")),
        ("joined_later", "2026-10-20T06:00:00Z", ("2026-08-03", "storefront")),
        ("mapped_late", "2026-10-20T09:00:00Z", ("2026-07-27", "payments-wallet")),
    ],
)
def test_what_comes_later_restates_the_past(case: str, then: str, restated: tuple[str, str]) -> None:
    company = Company(1, "tiny")
    company.usage = Usage(company._ledger)  # the labelled cases alone
    when, product = restated
    assert case in {known.name for known in company.cases}

    def users(now: str) -> list[int]:
        rows = usage.usage(UsageFacts(company, ms(now)))
        return [row["dau"] for row in of(rows, activity_date=when, product_id=product, slice_type="all")]

    assert users("2026-10-15T06:00:00Z") != users(then)
