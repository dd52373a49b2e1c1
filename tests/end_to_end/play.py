"""A made-up company, its vendors over HTTP, a home, and the days played by a test.

Belongs here: what tests from the vendor to the mart share. Does not: claims (test_*.py), Dagster
(tests/orchestration).
"""

import json
import os
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from ingestion.clock import parse
from ingestion.manifests import Stream, read_manifest, zone_of
from ingestion.sources import SOURCES, LoadOptions, load_source
from sandbox import files, vendors
from sandbox.company import Company
from sandbox.compare import Comparison, compare
from sandbox.server import app, serve_in_thread
from sandbox.truth import KEYS, landed, truth
from tests.end_to_end.bamboohr_facts import BAMBOOHR
from tests.end_to_end.quickbooks_facts import QUICKBOOKS
from tests.end_to_end.staged import staged_differences
from tests.end_to_end.staged_facts import STAGED, UNREAD
from tests.end_to_end.stripe_facts import STRIPE
from tests.environment import environment_kept
from tests.in_process_dbt import build_models

NOW = "2026-10-15T06:00:00Z"
FIRST = datetime(2025, 4, 1, 7, 13, tzinfo=UTC)
LAST_DAY = 560
"""After the first one; soon after it is now."""


class Play:
    """One company, played from run to run in one home; sets the environment of this process."""

    def __init__(
        self,
        home: Path,
        seed: int,
        *,
        scale: str = "tiny",
        page_cap: int | None = None,
        sources: Sequence[str] = tuple(SOURCES),
    ) -> None:
        self.home, self.company, self.sources = home, Company(seed, scale), sources
        self.application = app(self.company, now="2025-04-02T00:00:00Z", page_cap=page_cap)
        self.now = NOW
        self.days: list[str] = []
        """When it loaded."""
        self.values_compared = 0

    @contextmanager
    def served(self) -> Iterator["Play"]:
        with environment_kept(), serve_in_thread(self.application) as url:
            os.environ.update(
                {
                    "PRODOPS_HOME": str(self.home),
                    "PRODOPS_COMPANY": str(self.home / "company"),
                    **vendors.settings(url, self.home / "company"),
                }
            )
            os.environ.pop("PRODOPS_LANDING", None)
            yield self

    def load(self, at: str = NOW, *, census: bool = True, resync: bool = False) -> int:
        """Lets the company live until ``at`` and loads every source; how many versions landed."""
        self.now = at
        self.days.append(at)
        self.application.clock.advance(int(parse(at).timestamp() * 1000))
        os.environ["PRODOPS_NOW"] = at
        files.write(self.company, self.home / "company", at)
        options = LoadOptions(census=census, resync=resync)
        return sum(one.landed for name in self.sources for one in load_source(name, options, lambda one: None))

    def build(self, *flags: str) -> None:
        """dbt's models and seeds without their tests: what the marts say is compared with the truth."""
        build_models(self.home, *flags)

    def marts(self) -> dict[str, list[dict[str, Any]]]:
        """Every mart that the truth knows, as built."""
        with duckdb.connect(str(self.home / "warehouse.duckdb"), read_only=True) as warehouse:
            return {
                mart: warehouse.execute(f"select * from marts.{mart}").to_arrow_table().to_pylist() for mart in KEYS
            }

    def compared(self) -> Comparison:
        comparison = compare(truth(self.company, self.now), self.marts())
        self.values_compared = sum(mart.compared for mart in comparison.marts)
        return comparison

    def staged_differences(self, home: Path | None = None) -> list[str]:
        """Where staging as built, here or in another home, is not what happened: models, records and facts."""
        true = {
            source: reported for source, reported in landed(self.company, self.now).items() if source in self.sources
        }
        return staged_differences(home or self.home, true, STAGED, UNREAD)

    def landed_differences(self) -> list[str]:
        """Where the newest landed version of a record is not what happened: records of either side, and their facts."""
        differences = []
        for source, streams in landed(self.company, self.now).items():
            if source not in self.sources:
                continue
            landed_here = {stream: newest(source, stream) for stream in streams}
            children = Counter(
                (stream.rpartition("_")[2], parent)
                for stream, found in landed_here.items()
                for _, parent in found.values()
            )
            for stream, expected in streams.items():
                found = landed_here[stream]
                differences += [f"{stream} {key}: not landed" for key in expected.keys() - found.keys()]
                differences += [f"{stream} {key}: landed, but not there" for key in found.keys() - expected.keys()]
                for key in expected.keys() & found.keys():
                    payload, parent = found[key]
                    # A record embeds only the first ten of its children: they are counted where they landed.
                    says = {
                        "items": children["items", key],
                        "lines": children["lines", key],
                        "issue_id": parent,
                        "parent_id": parent,
                    }
                    says |= FACTS[source][stream](json.loads(payload), self.company)
                    # What is restricted is not shown, not even by a test that fails.
                    is_hidden = stream_of(source, stream).is_restricted
                    wrong = {name: value for name, value in expected[key].items() if says[name] != value}
                    differences += [
                        f"{stream} {key} {name}: "
                        + ("differs" if is_hidden else f"{says[name]!r} landed, {value!r} true")
                        for name, value in wrong.items()
                    ]
        return differences


def days_of_runs(seed: int, runs: int, last: int | None = None) -> list[str]:
    """Days at which a company's data team ran the loads: any, in order, and the last one so many days after the first,
    or now."""
    days = random.Random(seed).sample(range(1, last or LAST_DAY), runs - 1)
    return [*map(day_after_the_first, sorted(days)), day_after_the_first(last) if last else NOW]


def day_after_the_first(days: int) -> str:
    return (FIRST + timedelta(days=days)).isoformat().replace("+00:00", "Z")


def stream_of(source: str, stream: str) -> Stream:
    return next(one for one in SOURCES[source].streams if one.name == stream)


def newest(source: str, stream: str) -> dict[str, tuple[str, str | None]]:
    """Newest payload and parent of every record that is alive, read as any reader would."""
    zone = zone_of(stream_of(source, stream))
    manifest = read_manifest(zone, source, stream)
    assert manifest is not None
    files = [zone.readable(file.path) for file in manifest.files]
    if stream_of(source, stream).is_events:
        events = duckdb.execute(
            "select project_id || '/' || uuid, payload from (select *, max(_dlt_load_id) over "
            f"(partition by project_id, export_hour) as newest from read_parquet({files!r})) "
            "where payload is not null and _dlt_load_id = newest"
        ).fetchall()
        assert len(events) == len(dict(events)), "an event that counts twice"
        return {key: (payload, None) for key, payload in events}
    rows = duckdb.execute(
        "select record_id, arg_max({'payload': payload, 'parent': parent_id}, (_dlt_load_id, sequence)) "
        f"from read_parquet({files!r}) group by 1 having not arg_max(is_deleted, (_dlt_load_id, sequence))"
    ).fetchall()
    return {key: (version["payload"], version["parent"]) for key, version in rows}


def instant(text: str | int) -> str:
    """Vendors' forms of an instant as the truth writes it."""
    timestamp = datetime.fromtimestamp(text / 1000, UTC) if isinstance(text, int) else datetime.fromisoformat(text)
    return timestamp.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _issue(payload: Any, company: Company) -> dict[str, Any]:
    fields = payload["fields"]
    team = fields.get(company.fields.team)
    points = [fields.get(company.fields.points), fields.get(company.fields.estimate)]
    parent = fields.get("parent")
    return {
        "key": payload["key"],
        "project_key": fields["project"]["key"],
        "type_id": fields["issuetype"]["id"],
        "status_id": fields["status"]["id"],
        "resolution_id": (fields["resolution"] or {}).get("id"),
        "summary": fields["summary"],
        "created": instant(fields["created"]),
        "updated": instant(fields["updated"]),
        "parent_id": parent["id"] if parent else None,
        "team": team["name"] if team else None,
        "points": next((value for value in points if value is not None), None),
    }


FACTS: dict[str, dict[str, Any]] = {
    # A row of a file says what is written there.
    "files": dict.fromkeys(STAGED["files"], lambda p, c: p),
    "jira": {
        "issues": _issue,
        "fields": lambda p, c: {"name": p["name"], "own_name": p.get("untranslatedName", p["name"])},
        "projects": lambda p, c: {"key": p["key"], "name": p["name"]},
        "statuses": lambda p, c: {"name": p["name"], "category": p["statusCategory"]["key"]},
        "boards": lambda p, c: {"name": p["name"], "type": p["type"]},
        "sprints": lambda p, c: {"name": p["name"], "state": p["state"]},
        "users": lambda p, c: {"name": p["displayName"], "active": p["active"]},
        "changelogs": lambda p, c: {"created": instant(p["created"]), "items": len(p["items"])},
        "worklogs": lambda p, c: {
            "seconds": p["timeSpentSeconds"],
            "started": instant(p["started"]),
            "updated": instant(p["updated"]),
        },
    },
    "amplitude": {
        "events": lambda p, c: {
            "event_type": p["event_type"],
            "event_time": p["event_time"].replace(" ", "T") + "Z",
            "server_upload_time": p["server_upload_time"].replace(" ", "T") + "Z",
            "user_id": p["user_id"],
            "device_id": p["device_id"],
            "insert_id": p["$insert_id"],
        },
        "event_types": lambda p, c: {"totals": p["totals"]},
        "cohorts": lambda p, c: {
            "name": p["name"],
            "archived": p["archived"],
            "size": p["size"],
            "computed": instant(p["lastComputed"] * 1000),
        },
        "cohort_members": lambda p, c: {"amplitude_id": int(p["amplitude_id"]), "user_id": p["user_id"] or None},
    },
    "stripe": {stream: lambda p, c, say=say: say(p) for stream, say in STRIPE.items()},
    "bamboohr": {stream: lambda p, c, say=say: say(p) for stream, say in BAMBOOHR.items()},
    "quickbooks": {stream: lambda p, c, say=say: say(p) for stream, say in QUICKBOOKS.items()},
    "fx": {"rates": lambda p, c: {"rate": p["rate"]}},
}
