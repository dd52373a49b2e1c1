"""All that failed, in one list of the published file: what, since when, which marts, who mends it and how."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from serving.failures import Check, Failure
from serving.failures import listed as listed_of
from serving.publish import confirm, publish
from serving.published import Snapshot
from tests.serving.test_publish import GREEN, NOW, edition, make_warehouse

RED = Check(
    "sum_ties",
    "marts/mart_things",
    passed=False,
    problem="is red: 2 rows, thing_id=7",
    holds=("mart_things",),
    is_cause=True,
    owner="Data team <data@example.com>",
    next_step="mend the thing",
)
SKIPPED = Check("built", "marts/mart_things", False, "is due to be built", ("mart_things",))
UNUSED = Check("not_null", "staging/stg_things", False, "is red", (), is_cause=True)


def listed(snapshot: Snapshot) -> list[tuple[Any, ...]]:
    with snapshot.connect() as marts:
        found: list[tuple[Any, ...]] = marts.execute("from failures order by all").fetchall()
    return [(*row[:3], row[3].isoformat(), *row[4:]) for row in found]


def test_each_failure_is_there_with_its_marts_owner_and_next_step_as_long_as_it_lasts(tmp_path: Path) -> None:
    warehouse = make_warehouse(tmp_path / "warehouse.duckdb", 1)
    first = publish(tmp_path, warehouse, edition())
    assert (listed(first), first.failures) == ([], [])
    second = publish(tmp_path, warehouse, edition(GREEN, RED, SKIPPED, UNUSED))
    since = NOW.replace(tzinfo=None).isoformat()
    known = (RED.problem, since, RED.owner, RED.next_step, "mart_things", first.snapshot_id)
    unused = ("not_null", "staging/stg_things", "is red", since, "", "", None, None)
    assert listed(second) == [unused, ("sum_ties", "marts/mart_things", *known)], "what was skipped is no failure"
    later = replace(edition(GREEN, RED, UNUSED), at=NOW + timedelta(days=3))
    third = publish(tmp_path, warehouse, later)
    assert listed(third) == listed(second), "since when stays"
    assert third.snapshot_id == getattr(confirm(tmp_path, warehouse, later), "snapshot_id", None)
    assert confirm(tmp_path, warehouse, replace(later, checks=[GREEN, RED])) is None, "one is mended"
    assert listed(publish(tmp_path, warehouse, edition())) == []


def test_where_nothing_went_wrong_by_itself_what_did_not_run_is_listed(tmp_path: Path) -> None:
    made = publish(tmp_path, make_warehouse(tmp_path / "warehouse.duckdb", 1), edition(GREEN, SKIPPED))
    late = Failure("built", "marts/mart_things", "is due to be built", NOW.isoformat(), "", "", ("mart_things",))
    assert made.failures == [late]
    others = [replace(SKIPPED, on=f"staging/{number}", holds=("dim_thing", "mart_things")) for number in range(500)]
    assert listed_of([SKIPPED, *others], {"dim_thing", "mart_things", "mart_else"}, [], NOW) == [
        replace(late, problem="is due to be built, and so are 500 others", marts=("dim_thing", "mart_things"))
    ]


def test_a_failure_that_knows_since_when_says_so(tmp_path: Path) -> None:
    warehouse = make_warehouse(tmp_path / "warehouse.duckdb", 1)
    unread = replace(RED, name="read", on="jira", since="2026-10-12T04:00:00.000000Z")
    assert [row[3] for row in listed(publish(tmp_path, warehouse, edition(GREEN, unread)))] == ["2026-10-12T04:00:00"]
