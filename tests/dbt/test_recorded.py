"""Real Jira payloads, as a vendor once sent them, through landing, staging and the histories that are made of them.

A failure here means that real data breaks the load, or that records vanish between landing and the figures.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from ingestion.landing import Record
from tests.dbt.conftest import ARRIVED, Warehouse

FILES = {"projects": "projects", "sprints": "sprints", "statuses": "status", "users": "users", "worklogs": "worklogs"}


class Line(msgspec.Struct):
    url: str
    data: msgspec.Raw


def recorded() -> Path:
    folder = Path(os.environ.get("PRODOPS_SHARED", "../shared")) / "recorded" / "jira"
    if not folder.exists():
        pytest.skip("the recorded Jira payloads are not here: PRODOPS_SHARED names the folder that holds recorded/jira")
    return folder


def lines(folder: Path, name: str) -> Iterator[Line]:
    for line in (folder / f"{name}.jsonl").read_bytes().splitlines():
        yield msgspec.json.decode(line, type=Line)


def of(text: msgspec.Raw, parent: str | None = None) -> Record:
    """A record with its own text, sliced out of the line."""
    value = msgspec.json.decode(text)
    return Record(str(value.get("id") or value["accountId"]), bytes(text), ARRIVED, parent_id=parent)


def streams(folder: Path) -> dict[str, list[Record]]:
    found = {stream: [of(line.data) for line in lines(folder, name)] for stream, name in FILES.items()}
    found["issues"], found["changelogs"] = [], []
    for name in ("issues", "issues_for_due_date", "external_epics"):
        for line in lines(folder, name):
            issue = of(line.data)
            found["issues"].append(issue)
            parts = msgspec.json.decode(line.data, type=dict[str, msgspec.Raw])
            log = msgspec.json.decode(parts.get("changelog", b"{}"), type=dict[str, msgspec.Raw])
            histories = msgspec.json.decode(log.get("histories", b"[]"), type=list[msgspec.Raw])
            found["changelogs"] += [of(text, issue.record_id) for text in histories]
    for line in lines(folder, "issue_changelogs"):
        found["changelogs"].append(of(line.data, re.search(r"/issue/(\d+)/", line.url)[1]))
    return found


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> tuple[Warehouse, dict[str, list[Record]]]:
    found = streams(recorded())
    warehouse = Warehouse(tmp_path_factory.mktemp("recorded") / "home")
    warehouse.land("jira", found)
    selected = ("path:models/staging/jira", "+int_delivery_controls_compared", "path:seeds")
    warehouse.build("--indirect-selection", "cautious", "--select", *selected)
    return warehouse, found


def one(warehouse: Warehouse, sql: str) -> Any:
    return warehouse.query(sql)[0][0]


def test_every_recorded_record_is_loaded_or_quarantined(story: tuple[Warehouse, dict[str, list[Record]]]) -> None:
    warehouse, found = story
    for stream, records in found.items():
        served = len({record.record_id for record in records})
        loaded = one(warehouse, f"select count(*) from staging.stg_jira__{stream}")
        quarantined = one(warehouse, f"select count(*) from staging.stg_jira__quarantine where stream = '{stream}'")
        assert (stream, loaded + quarantined) == (stream, served)


def test_none_of_the_recorded_oddities_is_an_error(story: tuple[Warehouse, dict[str, list[Record]]]) -> None:
    """Null from and fromString, absent fieldId, blank account ids, offsets without a colon."""
    warehouse, found = story
    assert warehouse.query("select stream, record_id, quarantine_reason from staging.stg_jira__quarantine") == []
    items = "staging.stg_jira__changelog_items"
    assert one(warehouse, f"select count(*) from {items} where from_value is null and from_text is null") > 100
    assert one(warehouse, f"select count(*) from {items} where field_id is null") > 200
    assert one(warehouse, "select count(*) from staging.stg_jira__changelogs where author_account_id is null") > 0
    raw = msgspec.json.decode(next(r.payload for r in found["changelogs"] if r.record_id == "57278"))
    assert raw["created"] == "2021-01-25T11:09:27.985+0800"
    read = one(warehouse, "select changed_at from staging.stg_jira__changelogs where history_id = '57278'")
    assert str(read) == "2021-01-25 03:09:27.985000"


def test_recorded_changes_of_status_and_epic_are_followed(story: tuple[Warehouse, dict[str, list[Record]]]) -> None:
    """The site's field catalogue was not recorded, so its custom fields (Sprint, Epic Link) cannot be tested."""
    warehouse, _ = story
    fields = dict(warehouse.query("select field, count(*) from intermediate.int_issue_changes group by field"))
    assert fields["status"] > 50
    assert fields["parent"] >= 2


def test_recorded_issues_agree_with_their_histories(story: tuple[Warehouse, dict[str, list[Record]]]) -> None:
    """The recorded list of statuses lacks those that the issues are in and went through (Open, Resolved): what each
    issue says of its own status, and when its category changed, is all that says what they meant."""
    warehouse, _ = story
    compared = warehouse.query("select * from intermediate.int_delivery_controls_compared")
    assert [row for row in compared if not row[-1]] == []
    counts: dict[str, int] = {}
    for control, *_ in compared:
        counts[control] = counts.get(control, 0) + 1
    assert counts == {
        "issue_statuses": 17,
        "issue_categories": 17,
        "issue_resolutions": 15,
        "issue_steps": 75,
        "issue_projects": 17,
        "issue_epics": 10,
    }
    unlisted = "not exists (select 1 from staging.stg_jira__statuses as s where s.status_id = r.status_id)"
    ranges = "intermediate.int_issue_statuses_ranged as r"
    found = dict(warehouse.query(f"select status_name, min(status_category) from {ranges} where {unlisted} group by 1"))
    assert found["Resolved"] == "done"
    assert found["Open"] == "undefined"
