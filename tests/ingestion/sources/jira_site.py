"""Jira of the made-up company over HTTP, and what landed of it beside the truth.

Belongs here: serving, loading, comparing. Does not: what a test claims.
"""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from ingestion.errors import SourceError, SourceErrors
from ingestion.sources import LoadOptions, load_source
from sandbox import truth
from sandbox.company import Company
from sandbox.moments import ms
from sandbox.server import Sandbox, app, serve_in_thread
from tests.ingestion.conftest import landed_rows

NOW = "2026-10-15T06:00:00Z"
EARLIER = "2026-10-12T06:00:00Z"
TOKEN = "CANARY-jira-5e1d"
STREAMS = ("fields", "projects", "statuses", "issues", "changelogs", "worklogs", "boards", "sprints", "users")
QUICK = {"RETRY_WAIT": "0.001", "LONGEST_WAIT": "0.02", "READ_TIMEOUT": "1", "TOTAL_TIMEOUT": "20"}


class Site:
    """One company's Jira and one home to load it into."""

    def __init__(self, home: Path, environment: pytest.MonkeyPatch, seed: int = 1) -> None:
        self.home, self.environment = home, environment
        # what happens in one test must not have happened in the next; the rest of a company never changes
        self.company = copy(_company(seed))
        self.company.events = list(self.company.events)
        self.sandbox: Sandbox
        environment.setenv("PRODOPS_HOME", str(home))
        environment.delenv("PRODOPS_LANDING", raising=False)
        self.set(EMAIL="prodops@example.com", API_TOKEN=TOKEN, PAGE_SIZE="100", **QUICK)

    def set(self, **settings: str) -> None:
        for name, value in settings.items():
            self.environment.setenv(f"SOURCES__JIRA__{name}", value)

    @contextmanager
    def serving(self, *faults: dict[str, Any], now: str = NOW, page_cap: int | None = None) -> Iterator[str]:
        self.sandbox = app(self.company, now, faults, TOKEN, page_cap)
        self.environment.setenv("PRODOPS_NOW", now)
        with serve_in_thread(self.sandbox) as url:
            self.set(BASE_URL=f"{url}/jira")
            yield url

    def load(self, *faults: dict[str, Any], now: str = NOW, options: LoadOptions | None = None) -> dict[str, int]:
        """Loads under the faults; how many versions landed of each stream."""
        with self.serving(*faults, now=now):
            return load(options)

    def failures(self, *faults: dict[str, Any], now: str = NOW) -> list[SourceError]:
        """Loads under faults that can't be recovered from; the errors of the streams that failed."""
        with pytest.raises((SourceError, SourceErrors)) as caught:
            self.load(*faults, now=now)
        error = caught.value
        assert TOKEN not in str(error)
        return list(error.errors) if isinstance(error, SourceErrors) else [error]

    def asked(self, path: str) -> list[dict[str, Any]]:
        return [line for line in self.sandbox.log if path in line["path"]]

    def assert_whole(self, now: str = NOW) -> None:
        """What landed is what is there: every stream, every record, its facts; nothing twice, nothing else."""
        expected = truth.landed(self.company, now)["jira"]
        for stream in STREAMS:
            assert {key: facts(stream, row) for key, row in alive(stream).items()} == {
                key: {name: value for name, value in record.items() if name in FACTS[stream]}
                for key, record in expected[stream].items()
            }, stream


@cache
def _company(seed: int) -> Company:
    return Company(seed, "tiny")


def load(options: LoadOptions | None = None) -> dict[str, int]:
    landed: dict[str, int] = dict.fromkeys(STREAMS, 0)

    def count(one: Any) -> None:
        landed[one.stream] += one.landed

    load_source("jira", options or LoadOptions(), count)
    return landed


def alive(stream: str) -> dict[str, tuple[str | None, str]]:
    """Parent and payload of each record's newest version, tombstones left out."""
    newest = {key: (parent, text, gone) for key, parent, text, gone in landed_rows("jira", stream, COLUMNS)}
    return {key: (parent, text) for key, (parent, text, gone) in newest.items() if not gone}


COLUMNS = "record_id, parent_id, payload, is_deleted"
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
    moment = datetime.fromtimestamp(value / 1000, UTC) if isinstance(value, int) else datetime.fromisoformat(value)
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def site_with_news(home: Path, environment: pytest.MonkeyPatch) -> Site:
    """A site where nine issues change after the earlier state, a minute apart."""
    site = Site(home, environment)
    for number, issue in enumerate(sorted(site.company.world(EARLIER).issues)[:9]):
        site.company.edit_issue(ms("2026-10-13T06:00:00Z") + number * 60_000, issue)
    return site


def copy_home(landed: Path, to: Path) -> Path:
    shutil.copytree(landed, to)
    return to
