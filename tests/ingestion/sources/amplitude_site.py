"""Amplitude of the made-up company over HTTP, and what landed of it beside the truth.

Belongs here: Amplitude's settings, its newest state, comparing. Does not: what a test claims.
"""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from sandbox import truth
from tests.ingestion import conftest
from tests.ingestion.sources.vendor_site import NOW, VendorSite

EARLIER = "2026-10-12T06:00:00Z"
STREAMS = ("events", "event_types", "cohorts", "cohort_members")
PROJECTS = ("100001", "100002", "100003")


class UsageSite(VendorSite):
    """One company's Amplitude and one home to load it into."""

    source = "amplitude"
    secret = "secret-1"  # how the secret keys of all its projects begin

    def __init__(self, home: Path, environment: pytest.MonkeyPatch, seed: int = 1) -> None:
        super().__init__(home, environment, seed)
        self.set(START="2025-09-15", EXPORT_READ_TIMEOUT="5")
        self.open("100001")

    def open(self, *projects: str) -> None:
        """The projects whose keys are set; one at first, because every project costs a few loads of 0.1 s."""
        self.projects = projects
        keys = [{"id": one, "api_key": f"key-{one}", "secret_key": f"secret-{one}"} for one in projects]
        self.set(PROJECTS=json.dumps(keys))

    def windows(self) -> list[tuple[str, str]]:
        return [(line["query"]["start"], line["query"]["end"]) for line in self.asked("/export")]

    def assert_whole(self, now: str = NOW) -> None:
        """What landed is what is there: every stream, every record, its facts; nothing twice, nothing else."""
        assert events() == self.expected("events", now)
        for stream in STREAMS[1:]:
            found = {key: facts(stream, text) for key, text in alive(stream).items()}
            assert found == self.expected(stream, now), stream

    def expected(self, stream: str, now: str = NOW) -> dict[str, dict[str, Any]]:
        """The truth of a stream in the projects whose keys are set."""
        whole = truth.landed_from("amplitude", self.company, now)[stream]
        return {key: record for key, record in whole.items() if key.startswith(self.projects)}


def events() -> dict[str, dict[str, Any]]:
    """Facts of the events of the newest landing of each hour, as they stand in the landed columns."""
    columns = "project_id, uuid, event_type, event_time, server_upload_time, user_id, device_id, insert_id"
    rows = newest_lines(columns)
    found = {
        f"{project}/{uuid}": {
            "event_type": event_type,
            "event_time": instant(happened),
            "server_upload_time": instant(uploaded),
            "user_id": user,
            "device_id": device,
            "insert_id": insert,
        }
        for project, uuid, event_type, happened, uploaded, user, device, insert in rows
    }
    assert len(found) == len(rows), "an event stands twice in the newest landings"
    return found


def newest_lines(columns: str = "payload") -> list[Any]:
    """Columns of all lines of the newest landing of each hour."""
    hidden = "project_id as p, export_hour as h, _dlt_load_id as l, payload is null as n"
    rows = conftest.landed_rows("amplitude", "events", f"{columns}, {hidden}", "_dlt_load_id")
    newest = {(p, h): load for *_, p, h, load, _ in rows}
    return [tuple(row) for *row, p, h, load, no_line in rows if newest[p, h] == load and not no_line]


def alive(stream: str) -> dict[str, str]:
    return {key: text for key, (_, text) in conftest.alive("amplitude", stream).items()}


def facts(stream: str, text: str) -> dict[str, Any]:
    record = json.loads(text)
    if stream == "event_types":
        return {"totals": record["totals"]}
    if stream == "cohorts":
        computed = datetime.fromtimestamp(record["lastComputed"], UTC).isoformat(timespec="milliseconds")
        kept = {name: record[name] for name in ("name", "archived", "size")}
        return kept | {"computed": computed.replace("+00:00", "Z")}
    return {"amplitude_id": int(record["amplitude_id"]), "user_id": record["user_id"] or None}


def instant(timestamp: datetime) -> str:
    return timestamp.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
