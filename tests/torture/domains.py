"""A red check in each domain in turn, and each source in turn that can't be read: exactly the marts behind keep their
last good rows, marked, and all others move.

Belongs here: breaking a row of a built company, having dbt find it and publishing, in a home that is a copy. Does not:
every check there is (check_mutations.py).
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg

from ingestion import unread
from ingestion.errors import SourceError
from ingestion.sources import SOURCES
from orchestration import deployment, manifest, steps
from serving.published import Snapshot, current, status
from tests.environment import forget_settings
from tests.orchestration.conftest import behind
from tests.torture.check_mutations import both, kind_of, marts_among, place_of

DOMAINS = {
    "usage": "dim_user",
    "work": "int_work_items_flowed",
    "people": "fct_worker_day",
    "cost": "int_product_costs_summed",
    "revenue": "fct_mrr_balance",
    "customers": "dim_customer",
    "goals": "int_goals__key_results",
    "files": "stg_files__allocation_rules",
}
"""Of each domain a model with a grain that a test holds."""
STAGED = {"stg_files__allocation_rules": "base_files__allocation_rules"}
"""Where a model is a view, what it shows."""


def red_in_turn(home: Path, seed: int, scale: str) -> dict[str, object]:
    """Breaks one row in each domain, and has each source fail. ``home`` is a copy: its files are changed."""
    forget_settings()
    os.environ.update({"PRODOPS_HOME": str(home), "PRODOPS_SCALE": scale})
    deployment.settle(seed)
    found = [*_domains(home), *_sources(home)]
    held = {what: marts for what, marts, _ in found}
    return {
        "domains": len(DOMAINS),
        "domains_sources": len(SOURCES),
        "domains_marts": len(manifest.marts()),
        "domains_held": {what: len(marts) for what, marts in held.items()},
        "domains_differences": [f"{what}: {problem}" for what, _, problems in found for problem in problems],
    }


def _domains(home: Path) -> Iterator[tuple[str, set[str], list[str]]]:
    """By domain the marts that must be held back, and what is otherwise."""
    mended: set[dg.AssetCheckKey] = set()
    for domain, model in DOMAINS.items():
        node = f"model.prodops.{model}"
        test = next(
            one
            for one in sorted(manifest.checks())
            if manifest.project().nodes[one].get("attached_node") == node
            and kind_of(manifest.project().nodes[one]) in ("unique_grain", "unique")
        )
        key, place = manifest.checks()[test], place_of(f"model.prodops.{STAGED.get(model, model)}")
        expected = marts_among(behind({node}))
        with both(home) as built:
            built.execute(f"insert into {place} from {place} where rowid = (select min(rowid) from {place})")
        steps._run("check", set(), {key, *mended}, {}, steps.SILENT)
        problems = _published(home, expected, key.name)
        with steps.instance() as instance:
            problems += _unnamed(instance, key, is_restricted="restricted" in place)
        with both(home) as built:
            built.execute(f"delete from {place} where rowid = (select max(rowid) from {place})")
        mended = {key}
        yield domain, expected, problems
    steps._run("check", set(), mended, {}, steps.SILENT)
    yield "all mended", set(), _published(home, set(), None)


def _sources(home: Path) -> Iterator[tuple[str, set[str], list[str]]]:
    for source in SOURCES.values():
        unread.note(source, SourceError(source.name, "everything", "the credentials are wrong or expired", status=401))
        expected = marts_among(behind({manifest.source_id(source.name, stream.name) for stream in source.streams}))
        yield f"without {source.name}", expected, _published(home, expected, source.name)
        unread.note(source, None)
    yield "all read", set(), _published(home, set(), None)


def _published(home: Path, expected: set[str], because: str | None) -> list[str]:
    """Publishes what is newer by a second in every mart; says what is not as it should be."""
    before = current(home)
    assert before is not None
    every = {mart.name for mart in manifest.marts()}
    with both(home) as built:
        dated = "select table_name from duckdb_columns() where schema_name = 'marts' and column_name = 'loaded_at'"
        for (mart,) in built.execute(dated).fetchall():
            built.execute(f"update marts.{mart} set loaded_at = loaded_at + interval 1 second")
    done = steps.run("publish")
    after = current(home)
    assert after is not None
    if expected == every:
        return [] if after.snapshot_id == before.snapshot_id and done.exit_code else ["published, with no mart to move"]
    listed = {mart for one in after.failures for mart in one.marts}
    problems = [
        *(f"{mart} should be held back" for mart in expected - after.held.keys()),
        *(f"{mart} should move" for mart in after.held.keys() - expected),
        *(f"{mart} is not listed" for mart in expected ^ listed),
        *(f"{mart} moved, and is held back" for mart in expected if _newest(after, mart) != _newest(before, mart)),
        *(f"{mart} did not move" for mart in every - expected if _newest(after, mart) == _newest(before, mart)),
        *(f"{mart} does not say why" for mart, one in after.held.items() if because and because not in one["because"]),
    ]
    if status(home).is_stale != bool(expected) or bool(done.exit_code) != bool(expected):
        problems.append(f"stale: {status(home).is_stale}, exit code {done.exit_code}")
    return problems


def _newest(snapshot: Snapshot, mart: str) -> Any:
    """When a published mart was loaded; of one that does not say, the snapshot whose rows it shows."""
    with snapshot.connect(mart) as marts:
        columns = [name for name, *_ in marts.execute(f"describe {mart}").fetchall()]
        if "loaded_at" in columns:
            return marts.execute(f"select max(loaded_at) from {mart}").fetchall()
    return snapshot.held[mart]["rows_of"] if mart in snapshot.held else snapshot.snapshot_id


def _unnamed(instance: dg.DagsterInstance, key: dg.AssetCheckKey, *, is_restricted: bool) -> list[str]:
    """What Dagster does not show of the row that is there twice."""
    (record,) = instance.event_log_storage.get_asset_check_execution_history(key, limit=1)
    assert record.event is not None
    assert record.event.dagster_event is not None
    found = record.event.dagster_event.asset_check_evaluation_data
    if found.passed:
        return [f"{key.name} is green"]
    rows = found.metadata.get("failing rows")
    if is_restricted:
        return ["rows of the restricted database are shown"] if rows else []
    return [] if rows and found.description else ["no failing row is shown"]
