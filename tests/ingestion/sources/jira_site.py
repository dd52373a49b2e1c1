"""Jira of the made-up company over HTTP, and what landed of it beside the truth.

Belongs here: Jira's settings, comparing. Does not: what a test claims.
"""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from sandbox import truth
from sandbox.timestamps import ms
from tests.ingestion import conftest
from tests.ingestion.sources.vendor_site import NOW, VendorSite

EARLIER = "2026-10-12T06:00:00Z"
TOKEN = "CANARY-jira-5e1d"
STREAMS = ("fields", "projects", "statuses", "issues", "changelogs", "worklogs", "boards", "sprints", "users")


class Site(VendorSite):
    """One company's Jira and one home to load it into."""

    source = "jira"
    secret = TOKEN

    def __init__(self, home: Path, environment: pytest.MonkeyPatch, seed: int = 1) -> None:
        super().__init__(home, environment, seed)
        self.set(EMAIL="prodops@example.com", API_TOKEN=TOKEN, PAGE_SIZE="100")

    def assert_whole(self, now: str = NOW) -> None:
        """What landed is what is there: every stream, every record, its facts; nothing twice, nothing else."""
        expected = truth.landed_from("jira", self.company, now)
        for stream in STREAMS:
            assert {key: facts(stream, row) for key, row in alive(stream).items()} == {
                key: {name: value for name, value in record.items() if name in FACTS[stream]}
                for key, record in expected[stream].items()
            }, stream


def alive(stream: str) -> dict[str, tuple[str | None, str]]:
    return conftest.alive("jira", stream)


FACTS: dict[str, tuple[str, ...]] = {
    "fields": ("name",),
    "projects": ("key", "name"),
    "statuses": ("name", "category"),
    "issues": ("key", "project_key", "type_id", "status_id", "summary", "created", "updated"),
    "changelogs": ("issue_id", "created", "items"),
    "worklogs": ("issue_id", "seconds", "started", "updated"),
    "boards": ("name", "type"),
    "sprints": ("name", "state"),
    "users": ("name", "active"),
}


def facts(stream: str, row: tuple[str | None, str]) -> dict[str, Any]:
    parent, text = row
    record = json.loads(text)
    if stream == "issues":
        fields = record["fields"]
        record |= {name: fields[name] for name in ("summary", "created", "updated")}
        record |= {"type_id": fields["issuetype"]["id"], "status_id": fields["status"]["id"]}
        record |= {"project_key": fields["project"]["key"]}
    record |= {"issue_id": parent, "seconds": record.get("timeSpentSeconds")}
    record |= {"items": len(record.get("items", ())), "category": record.get("statusCategory", {}).get("key")}
    record |= {"name": record.get("displayName", record.get("name"))}
    record |= {name: instant(record[name]) for name in ("created", "updated", "started") if record.get(name)}
    return {name: record[name] for name in FACTS[stream]}


def instant(value: str | int) -> str:
    """As the truth writes it. Jira gives text with an offset, or milliseconds."""
    timestamp = datetime.fromtimestamp(value / 1000, UTC) if isinstance(value, int) else datetime.fromisoformat(value)
    return timestamp.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def site_with_news(home: Path, environment: pytest.MonkeyPatch) -> Site:
    """A site where nine issues change after the earlier state, a minute apart."""
    site = Site(home, environment)
    for number, issue in enumerate(sorted(site.company.world(EARLIER).issues)[:9]):
        site.company.edit_issue(ms("2026-10-13T06:00:00Z") + number * 60_000, issue)
    return site
