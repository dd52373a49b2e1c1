"""Usage from landed lines to marts: what a late or repeated line restates, what increments leave alone.

A failure here means that active users change with the order in which events came, or that a rebuild changes figures.
"""

from collections import defaultdict
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.dbt import usage_world as world
from tests.dbt.conftest import Warehouse
from tests.dbt.usage_world import event, land_events

DAY = timedelta(days=1)
FIRST = [
    event("a", "2026-01-05 10:00:00", "ada", "d-1", **{"$insert_id": "i-1"}),
    event("b", "2026-01-05 10:10:00", None, "d-1", event_type="Bought"),
    event("c", "2026-01-04 23:30:00", "ben", "d-2", uploaded="2026-01-05 10:20:00"),
    event("d", "2026-01-05 10:30:00", "cleo", "d-2"),
]
HOSTILE = [
    '{"uuid": "e", "event_type": "Opened',
    '{"uuid": "f", "event_type": "Opened", "event_time": NaN}',
    event("g", "2026-01-05 11:00:00", "zoë \U0001f600 \u0000", "\u202ed-3", amplitude_id=2**63),
    '{"uuid": "h", "event_type": "Opened", "deep": ' + "[" * 5000 + "]" * 5000 + "}",
    event("i", "2026-01-05 11:05:00", "\udc00"),
    event("j", "2026-01-05 11:06:00", "undefined", "null"),
    event("k", "2026-01-05 11:07:00", "dan").replace("2026-01-05 11:07:00", "2026-01-05T11:07", 1),
]
SOON_GONE = event("l", "2025-12-20 12:00:00", "dan", uploaded="2026-01-06 10:00:00")
UNTOUCHED = event("q", "2026-01-03 12:00:00", "dan", uploaded="2026-01-06 11:00:00")
LATER = [
    event("m", "2026-01-05 12:00:00", "eve", "d-9", uploaded="2026-01-20 10:00:00"),
    event("n", "2026-01-20 10:00:00", "ada", "d-1", uploaded="2026-01-20 10:05:00", **{"$insert_id": "i-1"}),
    event("o", "2030-01-01 12:00:00", "ada", "d-1", uploaded="2026-01-20 10:06:00"),
    event("p", "2026-01-20 10:10:00", "ada", "d-2"),
]
MUTATIONS = {
    "insert into intermediate.int_events_daily from intermediate.int_events_daily": "unique_grain_int_events_daily",
    "insert into intermediate.bridge_user_alias from intermediate.bridge_user_alias": "unique_grain_bridge_user_alias",
    "update intermediate.int_product_ancestors_ranged set ancestor_id = 'shop'": "ranges_apart",
    "update intermediate.int_event_products_resolved set weight = 0.5": "event_weights_are_within_one",
    "insert into intermediate.fct_event_daily from intermediate.fct_event_daily": "unique_grain_fct_event_daily",
    "update marts.mart_usage set wau = mau_28d + 1": "windows_hold_their_parts",
    "delete from marts.mart_usage where slice_value = 'ENT'": "assert_slices_of_usage_add_up_to_everybody",
}
PEOPLE = "from intermediate.fct_event_daily where is_active and not is_bot and not is_internal"
USES = " union all ".join(
    f"select product_id, '{slice_type}', {value}, activity_date, canonical_user_id {PEOPLE}"
    for slice_type, value in (("all", "'ALL'"), ("segment", "segment"), ("market", "market"))
)


class Story:
    """One home: a first build, late lines and a landing of an hour without its line, other rules, a full refresh."""

    def __init__(self, home: Path) -> None:
        self.warehouse = Warehouse(home)
        self.warehouse.land("files", world.files())
        land_events(self.warehouse, "2026-01-05T10", "2026-01-05T10", FIRST + HOSTILE)
        land_events(self.warehouse, "2026-01-06T10", "2026-01-06T10", [SOON_GONE])
        land_events(self.warehouse, "2026-01-06T11", "2026-01-06T11", [UNTOUCHED])
        self.run()
        self.quarantine = self.warehouse.query(
            "select record_id, quarantine_reason from staging.stg_amplitude__quarantine order by all"
        )
        self.first = self.usage("2026-01-05")
        self.restated, self.left = self._late_lines()
        self.second = self.usage("2026-01-05")
        self.warehouse.land("files", {"customer_map": [world.account("C-2")], "policy": [world.policy("UTC")]})
        self.run()
        self.incremental = self.warehouse.tables()
        self.run("--full-refresh")
        self.full = self.warehouse.tables()

    def run(self, *flags: str) -> None:
        self.warehouse.run("--select", *world.MODELS, *flags)

    def usage(self, day: str) -> list[tuple[Any, ...]]:
        return self.warehouse.query(
            "select product_id, events_split::double, dau, customers_day from marts.mart_usage "
            f"where slice_type = 'all' and activity_date = '{day}' order by all"
        )

    def _late_lines(self) -> tuple[list[str], list[str]]:
        """The days that the refresh makes again and those it leaves: all rows are marked before it."""
        self.warehouse.change("update intermediate.int_events_daily set staged_events = staged_events + 1000")
        land_events(self.warehouse, "2026-01-20T10", "2026-01-20T10", LATER)
        land_events(self.warehouse, "2026-01-06T10", "2026-01-06T10", [])
        self.run()
        days = "select distinct activity_date::varchar from intermediate.int_events_daily where staged_events"
        made, left = ([day for (day,) in self.warehouse.query(f"{days} {than} 1000 order by 1")] for than in "<>")
        self.warehouse.change("update intermediate.int_events_daily set staged_events = staged_events % 1000")
        return made, left


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    return Story(tmp_path_factory.mktemp("usage") / "home")


def test_every_line_is_an_event_or_waits_with_its_reason(story: Story) -> None:
    reasons = {key: reason for key, reason in story.quarantine if key in ("p/f", "p/h", "p/j", "p/k")}
    assert reasons == {
        "p/f": "event_time: not a timestamp: NaN",
        "p/h": "event_time: missing",
        "p/j": "identity: missing",
        "p/k": "event_time: not a timestamp: 2026-01-05T11:07.000000",
    }
    assert [reason for key, reason in story.quarantine if key not in reasons] == ["payload: not JSON"] * 2


def test_a_late_upload_restates_its_own_day(story: Story) -> None:
    """D8: eve's event of the 5th came on the 20th; a lookback of 7 days would have lost her for good. ben and cleo are
    two, though they have one device."""
    assert story.first == [
        ("COMPANY", 5, 4, 1),
        ("app", 0.4, 1, 1),
        ("shop", 5, 4, 1),
        ("tap", 4, 4, 1),
        ("web", 4.6, 4, 1),
    ]
    assert story.second == [
        ("COMPANY", 6, 5, 1),
        ("app", 0.4, 1, 1),
        ("shop", 6, 5, 1),
        ("tap", 5, 5, 1),
        ("web", 5.6, 5, 1),
    ]


def test_exactly_the_days_that_a_load_touches_are_made_again(story: Story) -> None:
    """The 5th by eve and by the duplicate of ada's event, the others by what landed; 2025-12-20 lost its only event."""
    assert story.restated == ["2026-01-05", "2026-01-20", "2030-01-01"]
    assert story.left == ["2026-01-03"]


def test_a_duplicate_beyond_seven_days_counts_nowhere_and_the_future_is_kept(story: Story) -> None:
    rows = "select activity_date::varchar, sum(staged_events)::int, sum(events)::int from intermediate.int_events_daily"
    days = story.warehouse.query(f"{rows} where activity_date >= '2026-01-20' group by 1 order by 1")
    assert days == [("2026-01-20", 2, 1), ("2030-01-01", 1, 1)]


def test_increments_and_new_rules_end_in_what_a_full_refresh_makes(story: Story) -> None:
    """A new zone moves events to other days and a new customer map to another customer: nothing of the old stays."""
    assert [name for name, rows in story.full.items() if rows != story.incremental[name]] == []
    assert len(story.full["marts.mart_usage"]) > 100
    customers = story.warehouse.query("select distinct customer_id from intermediate.int_events_daily")
    assert customers == [("C-2",)]


def test_windows_hold_whom_counting_their_days_finds(story: Story) -> None:
    """The running sums of the mart against sets of people, day by day."""
    active: dict[tuple[str, ...], dict[date, set[str]]] = defaultdict(lambda: defaultdict(set))
    for *cell, day, person in story.warehouse.query(USES):
        active[tuple(cell)][day].add(person)
    rows = story.warehouse.query(
        "select product_id, slice_type, slice_value, activity_date, dau, wau, mau_28d, mau_month from marts.mart_usage"
    )
    for *cell, day, dau, wau, mau, month in rows:
        by = active[tuple(cell)]
        windows = [[day - n * DAY for n in range(length)] for length in (1, 7, 28, day.day)]
        assert [len(set().union(*(by.get(one, ()) for one in window))) for window in windows] == [dau, wau, mau, month]
    assert {tuple(row[:3]) for row in rows} == {cell for cell, by in active.items() if min(by) <= date(2026, 1, 20)}


def test_data_tests_turn_red_when_the_warehouse_is_wrong(story: Story) -> None:
    """Each mutation is a bug somebody could make; a test on the model beside it must catch it."""
    for mutation in MUTATIONS:
        story.warehouse.change(mutation)
    checked = ["path:models/intermediate/usage", "int_product_ancestors_ranged", "mart_usage"]
    statuses = story.warehouse.dbt("test", "--select", *checked, "--exclude", "test_type:unit")
    failed = [name for name, status in statuses.items() if status == "fail"]
    assert [test for test in MUTATIONS.values() if not any(name.startswith(test) for name in failed)] == []


def test_the_proof_turns_red_when_a_line_is_not_what_landed(story: Story) -> None:
    """Also one that a later landing of its hour superseded."""
    assert [count for count in story.warehouse.proof("amplitude") if not count.ties] == []
    for mutation in (
        "update staging.base_amplitude__events set payload_hash = 7 where uuid = 'q'",
        "delete from staging.base_amplitude__events where uuid = 'l'",
    ):
        story.warehouse.change(mutation)
    (events,) = [count for count in story.warehouse.proof("amplitude") if not count.ties]
    assert (events.stream, events.differing) == ("events", ("p/2026-01-06 10:00:00", "p/2026-01-06 11:00:00"))
