"""Objectives and key results that are issues in Jira, from the vendor's answers to mart_okr.

The figures were worked by hand (docs/metrics/goals.md). Does not: rules of progress and scores (test_goals.py).
A failure means that a company that keeps its goals in Jira reads a wrong progress, or counts goals as work.
"""

import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ingestion.landing import Record
from ingestion.sources import LoadOptions, load_source
from tests.dbt.conftest import Warehouse, record
from tests.dbt.world import KINDS, TEAM, field, history, status
from tests.environment import environment_kept
from tests.ingestion.sources import company_folder as files

NOW = "2026-03-31T09:00:00Z"
START, TARGET, CURRENT, WEIGHT, CYCLE = (f"customfield_200{number}" for number in range(1, 6))
MODELS = (
    *("+int_goals__checkins", "int_goals__key_result_days", "int_goals__objective_days", "mart_okr"),
    *("+stg_forecasts__key_result_forecasts", "+stg_forecasts__objective_forecasts"),
    *("+int_files_clocks_read", "+dim_product", "+int_goals__work_served"),
    *("+int_delivery_items_selected", "+int_issue_places_ranged"),
)
OKRS = """\
cycles:
  - {id: FY26-Q1, name: Winter, start: 2026-01-01, end: 2026-04-01}
objectives:
  - {id: PAY-30, cycle: FY26-Q1, name: In both, owner: ada}
key_results:
  - {id: PAY-31, objective: PAY-30, name: As filed, type: increase, start: 0, target: 100, weight: 1, metric: manual}
"""


def goal(number: int, kind: str, level: int, parent: int | None = None, **more: object) -> Record:
    fields: dict[str, object] = {
        "issuetype": {"id": kind, "name": kind, "subtask": False, "hierarchyLevel": level},
        "project": {"id": "1", "key": "PAY"},
        "summary": f"Goal {number}",
        "status": {"id": "1", "name": "To Do", "statusCategory": {"key": "new"}},
        "created": "2025-12-15T09:00:00.000+0100",
        "updated": "2026-03-31T08:00:00.000+0000",
    }
    if parent:
        fields["parent"] = {"id": str(parent), "key": f"PAY-{parent}"}
    return record(str(number), {"id": str(number), "key": f"PAY-{number}", "fields": fields | more})


def objective(number: int, parent: int | None = None, **more: object) -> Record:
    return goal(number, "Ziel", 3, parent, **more)


def result(number: int, parent: int, **more: object) -> Record:
    return goal(number, "Key result", 2, parent, **more)


def closed(on: str, resolution: str) -> dict[str, object]:
    return {
        "status": {"id": "3", "name": "Done", "statusCategory": {"key": "done"}},
        "resolution": {"id": resolution, "name": resolution},
        "resolutiondate": f"{on}T09:00:00.000+0000",
    }


def changed(key: int, issue: int, on: str, name: str, before: str | None, after: str | None, **more: object) -> Record:
    """A number as the changelog has it: no ids, and its texts."""
    texts = {"from": None, "fromString": before, "to": None, "toString": after}
    return history(key, issue, f"{on}:00.000+0000", field=name, fieldtype="custom", **texts, **more)


def jira() -> dict[str, list[Record]]:
    late = {"created": "2026-02-10T09:00:00.000+0100"}
    return {
        "fields": [
            field(TEAM, "Squad", f"{KINDS}:atlassian-team"),
            *(
                field(key, name, f"{KINDS}:float")
                for key, name in ((START, "Start value"), (TARGET, "Target Value"), (CURRENT, "Current value"))
            ),
            field(WEIGHT, "Weight", f"{KINDS}:float"),
            field(CYCLE, "Cycle", f"{KINDS}:select"),
        ],
        "statuses": [status("1", "To Do", "new"), status("3", "Done", "done")],
        "issues": [
            objective(1, **{CYCLE: {"value": "Winter"}, TEAM: {"id": "t", "name": "Falcon"}}),
            result(2, 1, **{START: 100, TARGET: 200, CURRENT: 180}),
            result(3, 1, **{TARGET: 4, CURRENT: 6.0, WEIGHT: 3}),
            result(4, 1, **closed("2026-03-05", "Won't do")),
            result(5, 1, **closed("2026-03-20", "Done")),
            objective(10, 1, duedate="2026-03-15"),
            result(11, 10, **{CURRENT: 5}),
            result(12, 10, **{START: 0, TARGET: 10, CURRENT: 5}, **late),
            result(13, 10, **{START: 0, TARGET: 10, CURRENT: None}),
            objective(20, **{CYCLE: {"value": "Summer"}}, duedate="2026-03-15"),
            result(21, 20, **{START: 0, TARGET: 10, CURRENT: 5}),
            objective(30, **{CYCLE: {"value": "Winter"}}),
            result(31, 30, **{START: 0, TARGET: 10, CURRENT: 9}),
            goal(40, "Epic", 1, 2),
            goal(41, "Story", 0, 40),
            goal(50, "Epic", 1, labels=["okr", "2026"], **{CYCLE: {"value": "Winter"}}),
            goal(51, "Story", 0, 50, labels=["key-result"], **{START: 0, TARGET: 10, CURRENT: 7}),
        ],
        "changelogs": [
            changed(100, 2, "2026-02-01T08:00", "Current value", "100", "120"),
            changed(101, 2, "2026-02-01T15:00", "Current value", "120", "150", fieldId=CURRENT),
            changed(102, 2, "2026-02-15T08:00", "Target Value", "150", "200", fieldId=TARGET),
            changed(103, 2, "2026-03-10T08:00", "Current value", "150", "180"),
            changed(104, 3, "2026-03-01T08:00", "Current value", "8", "6.0"),
            changed(108, 3, "2026-03-05T08:00", "Weight", "1", "3"),
            changed(105, 13, "2026-02-01T08:00", "Current value", None, "3"),
            changed(106, 13, "2026-03-01T08:00", "Current value", "3", None),
            changed(107, 31, "2026-03-20T08:00", "Current value", "1", "9"),
        ],
    }


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    folder = tmp_path_factory.mktemp("goals")
    with environment_kept():
        company: Path = files.write(folder / "company")
        (company / "okrs.yml").write_text(OKRS)
        (company / "checkins.csv").write_text(f"{files.CHECKINS}\nPAY-31,2026-03-01,40,ada\n")
        kinds = ["issue_type,Ziel,objective", "issue_type,Key result,key_result", "resolution,Won't do,not_done"]
        kinds += ["label,okr,objective", "label,key-result,key_result"]
        (company / "work_types.csv").write_text("\n".join([files.TYPES, *(f"jira,{kind}" for kind in kinds)]) + "\n")
        os.environ.update(PRODOPS_NOW=NOW, PRODOPS_COMPANY=str(company))
        warehouse = Warehouse(folder / "home")
        load_source("files", LoadOptions(), lambda _: None)
        warehouse.land("jira", jira())
        # No key result is bound here, so the marts that measure are not made.
        warehouse.change("create schema intermediate")
        columns = "metric text, product_id text, slice text, measured_date date, value double"
        warehouse.change(f"create table intermediate.int_goals__measures ({columns})")
        warehouse.run("--select", *MODELS)
        yield warehouse


def at(built: Warehouse, goal_id: str, on: str = "2026-03-31") -> dict[str, Any]:
    """As it stood last on a day."""
    names = "value, progress_ratio, original_progress_ratio, score, label, label_reason, status, as_of_date"
    rows = built.query(
        f"select {names} from marts.mart_okr where goal_id = '{goal_id}' and as_of_date <= date '{on}' "
        "order by as_of_date desc limit 1"
    )
    return dict(zip(names.split(", "), rows[0], strict=True)) if rows else {}


def test_each_change_of_the_field_is_a_check_in_and_a_later_target_leaves_the_original(built: Warehouse) -> None:
    first, middle, last = (at(built, "PAY-2", day) for day in ("2026-01-20", "2026-02-10", "2026-03-31"))
    assert (first.get("value"), first.get("progress_ratio")) == (100, 0), "what was there before the first day"
    assert (middle["value"], middle["progress_ratio"]) == (150, 1), "the last of a day"
    assert (last["value"], last["progress_ratio"], last["original_progress_ratio"]) == (180, 0.8, 1.6)


def test_one_without_a_start_begins_with_its_first_value_and_goes_where_its_target_is(built: Warehouse) -> None:
    assert at(built, "PAY-3")["progress_ratio"] == 0.5
    assert at(built, "PAY-3", "2026-02-10")["progress_ratio"] == 0
    baseline = at(built, "PAY-11")
    assert (baseline["value"], baseline["progress_ratio"], baseline["label_reason"]) == (5, None, "no_target")


def test_one_without_numbers_is_done_or_not_and_leaves_if_it_was_closed_as_not_done(built: Warehouse) -> None:
    assert [at(built, "PAY-5", day)["progress_ratio"] for day in ("2026-03-19", "2026-03-31")] == [0, 1]
    cancelled = at(built, "PAY-4")
    assert (cancelled["status"], cancelled["label_reason"]) == ("cancelled", "cancelled")
    assert cancelled["as_of_date"] == date(2026, 3, 4)


def test_one_that_was_written_down_in_its_cycle_begins_then_and_an_emptied_field_says_nothing(built: Warehouse) -> None:
    ((first,),) = built.query(
        "select first_date from intermediate.int_goals__key_results where key_result_id = 'PAY-12'"
    )
    assert first == date(2026, 2, 10)
    assert at(built, "PAY-12")["progress_ratio"] == 0.5
    assert at(built, "PAY-13", "2026-02-10")["progress_ratio"] == 0.3
    assert (at(built, "PAY-13")["progress_ratio"], at(built, "PAY-13")["label_reason"]) == (None, "no_value")


def test_an_objective_is_scored_by_what_is_below_it(built: Warehouse) -> None:
    """PAY-10 is PAY-12 alone: 0.5. PAY-1: (0.8 + 3 x 0.5 + 1 + 0.5) / 6; what was cancelled is left out. On the day
    before PAY-4 was cancelled and PAY-3 weighed 3: (0.5 + 0.5 + 0 + 0 + 0.5) / 5."""
    assert at(built, "PAY-1", "2026-03-04")["score"] == pytest.approx(0.3)
    assert at(built, "PAY-10")["score"] == pytest.approx(0.5)
    assert at(built, "PAY-1")["score"] == pytest.approx(3.8 / 6)
    assert built.query("select distinct owner from marts.mart_okr where goal_id = 'PAY-1'") == [("Falcon",)]


def test_the_file_wins_on_the_same_id(built: Warehouse) -> None:
    assert (at(built, "PAY-31")["value"], at(built, "PAY-31")["progress_ratio"]) == (40, 0.4)
    assert at(built, "PAY-30")["score"] == pytest.approx(0.4)


def test_a_label_makes_a_goal_of_an_epic_and_of_a_story(built: Warehouse) -> None:
    assert (at(built, "PAY-51")["value"], at(built, "PAY-51")["progress_ratio"]) == (7, 0.7)
    assert at(built, "PAY-50")["score"] == pytest.approx(0.7)


def test_a_cycle_that_nobody_knows_is_none(built: Warehouse) -> None:
    """mart_data_health counts them (goal_issue_coverage)."""
    assert (at(built, "PAY-20"), at(built, "PAY-21")) == ({}, {})


def test_goals_are_no_work_and_work_below_one_serves_it(built: Warehouse) -> None:
    assert built.query("select issue_key from intermediate.int_delivery_items_selected") == [("PAY-41",)]
    placed = "select distinct issue_id, epic_id, initiative_id from intermediate.int_issue_places_ranged order by 1"
    assert built.query(placed) == [("40", "40", "2"), ("41", "40", "2")]
    served = "select work_item_id, key_result_id, share_millionths from intermediate.int_goals__work_served order by 1"
    assert ("2", "PAY-2", 1_000_000) in built.query(served)
