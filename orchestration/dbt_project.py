"""dbt under Dagster.

Belongs here: how the dbt project becomes assets and checks, how dbt is run. Does not: any SQL (dbt_project).
"""

import contextlib
import hashlib
import json
import os
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from importlib.metadata import version as installed
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
from dagster_dbt import DbtCliResource, DbtProject, DbtProjectComponent
from dagster_dbt.dbt_project_manager import DbtProjectArgsManager, DbtProjectManager
from packaging.version import Version

from ingestion.errors import ProdopsError
from ingestion.home import PEOPLE, home
from ingestion.manifests import read_manifest, zone_of
from ingestion.sources import SOURCES
from ingestion.writes import write_atomically
from orchestration import lease
from orchestration.cadence import BUILT
from orchestration.failures import failure
from serving.publish import MartInfo
from serving.published import MARTS

ROOT = Path(__file__).parents[1]
PROJECT = ROOT / "dbt_project"
STEP = "build_warehouse"
"""The op that runs dbt; defs/warehouse/defs.yaml names it so."""

WAIT_SECONDS = 3600.0
"""How long a build started by a schedule waits for another writer of the same home."""


class BuildError(ProdopsError):
    """dbt ended red."""

    exit_code = 1


class Dbt(DbtCliResource):
    """dbt as a child that ends with its parent, started without what only metadata of other warehouses needs.

    dagster-dbt asks the executable for its version (2.4 s) and makes an adapter of its own (1 s, and it would keep the
    warehouse open in this process) before each start; the version is known here and rows are counted below.
    """

    @cached_property
    def _cli_version(self) -> Version:
        return Version(installed("dbt-core"))

    def _initialize_dbt_core_adapter(self, args: Sequence[str]) -> Any:
        return None


@dataclass(frozen=True, slots=True)
class Mart:
    """A published model: its asset and what its yml says of it."""

    name: str
    key: dg.AssetKey
    info: MartInfo


def dbt(project: DbtProject) -> Dbt:
    flags = ["-P", "-m", "orchestration.dbt_child", str(os.getpid())]
    return Dbt(project, dbt_executable=sys.executable, global_config_flags=flags)


@dataclass
class Warehouse(DbtProjectComponent):
    """The component of dagster-dbt with the house's places, groups and cadence."""

    @cached_property
    def _project_manager(self) -> DbtProjectManager:
        manager = super()._project_manager
        if not isinstance(manager, DbtProjectArgsManager):
            raise TypeError("defs.yaml names the dbt project by its folder")
        return DbtProjectArgsManager(replace(manager.args, target_path=str(target())))

    def build_defs(self, context: dg.ComponentLoadContext) -> dg.Definitions:
        # Not the state-backed way: that one copies the project into the source tree and parses on each start.
        prepare(self.dbt_project)
        return self.build_defs_from_state(context, None)

    def get_asset_spec(self, manifest: Mapping[str, Any], unique_id: str, project: DbtProject | None) -> dg.AssetSpec:
        spec = super().get_asset_spec(manifest, unique_id, project)
        return spec.replace_attributes(freshness_policy=BUILT.freshness, automation_condition=BUILT.automation)

    def execute(self, context: dg.AssetExecutionContext, dbt: DbtCliResource) -> Iterator[Any]:
        with lease.hold(home(), "dbt build", WAIT_SECONDS):
            leave_other_code(context)
            record_sources()
            events, problems = run_dbt(context, self.dbt_project, self.get_cli_args(context))
            counts = row_counts(home() / "warehouse.duckdb")
        # Events come after dbt has ended: rows can't be counted before (one process at a time), and a check's result
        # must follow the materialization it is about.
        for event in events:
            yield with_row_count(event, counts)
        if problems:
            raise failure(BuildError("\n".join(problems)))


def leave_other_code(context: dg.AssetExecutionContext) -> None:
    """A warehouse that other models built is built anew: what they kept of earlier loads need not be what these expect.

    Raises ``Failure`` when only some of the models are to be built.
    """
    noted, mine, warehouse = target() / "built_by", fingerprint(PROJECT), home() / "warehouse.duckdb"
    if warehouse.exists() and (noted.read_text() if noted.exists() else "") != mine:
        if set(context.selected_asset_keys) < set(keys()):
            raise failure(BuildError("the warehouse was built by other models; build all of it: prodops rebuild"))
        context.log.info("the models changed since the last build: the warehouse is built anew from landing")
        discard(warehouse)
    write_atomically(noted, mine)


def files(warehouse: Path) -> tuple[Path, Path]:
    """What dbt builds: the warehouse and what is restricted. Each knows loads of the other, so none stays alone."""
    return warehouse, warehouse.parent / PEOPLE


def discard(warehouse: Path) -> None:
    """Deletes a warehouse: it holds nothing that landing does not, and the next build makes it again."""
    for file in files(warehouse):
        for path in (file, file.with_name(f"{file.name}.wal")):
            path.unlink(missing_ok=True)


def run_dbt(context: dg.AssetExecutionContext, project: DbtProject, args: list[str]) -> tuple[list[Any], list[str]]:
    """Runs dbt to its end; its events for Dagster, and what went wrong, one line each."""
    log = home() / "logs" / "dbt.log"
    results = target() / "run_results.json"
    results.unlink(missing_ok=True)
    events: list[Any] = []
    with log.open("a") as file, contextlib.redirect_stdout(file):
        invocation = dbt(project).cli(args, context=context, target_path=target(), raise_on_error=False)
        for event in invocation.stream_raw_events():
            node = event.raw_event["data"].get("node_info", {})
            if event.is_result_event:
                context.log.info(f"{node.get('resource_type')} {node.get('node_name')}: {node.get('node_status')}")
            events.extend(
                event.to_default_asset_events(
                    manifest=invocation.manifest,
                    dagster_dbt_translator=invocation.dagster_dbt_translator,
                    context=invocation.context,
                    target_path=invocation.target_path,
                    project=invocation.project,
                )
            )
        error = None if invocation.is_successful() else str(invocation.get_error())
    return events, problems_of(results, error)


def problems_of(results: Path, error: str | None) -> list[str]:
    """One line per failed test or model; where dbt did not come so far, the last line it said."""
    found = json.loads(results.read_text())["results"] if results.exists() else []
    lines = [
        f"{result['unique_id'].split('.')[2]}: {' '.join(str(result['message']).split())[:300]} (logs/dbt.log)"
        for result in found
        if result["status"] in ("error", "fail", "runtime error")
    ]
    if error and not lines:
        lines = [f"dbt: {' '.join(error.split())[-300:]} (logs/dbt.log)"]
    return lines


def row_counts(warehouse: Path) -> dict[str, int]:
    """Rows of each table by ``schema.name``; views are not counted, that would run them."""
    counted = {}
    for file in filter(Path.exists, files(warehouse)):
        with duckdb.connect(str(file), read_only=True) as connection:
            tables = connection.execute("select schema_name, table_name from duckdb_tables()").fetchall()
            for schema, table in tables:
                row = connection.execute(f'select count(*) from "{schema}"."{table}"').fetchone()
                counted[f"{schema}.{table}"] = int(row[0]) if row else 0
    return counted


def with_row_count(event: Any, counts: Mapping[str, int]) -> Any:
    if not isinstance(event, dg.Output):
        return event
    parts = event.metadata["unique_id"].value.split(".")
    rows = next((count for name, count in counts.items() if name.endswith(f".{parts[2]}")), None)
    return event if rows is None else event.with_metadata({**event.metadata, "dagster/row_count": rows})


def marts() -> list[Mart]:
    """The models that are published."""
    return [
        Mart(node["name"], _key(node), MartInfo(tuple(meta.get("key", ())), tuple(meta.get("measures", ()))))
        for node in models()
        if node["schema"] == MARTS
        for meta in [node["config"].get("meta", {})]
    ]


def keys() -> list[dg.AssetKey]:
    """The assets that dbt builds."""
    return [_key(node) for node in models()]


def models() -> list[dict[str, Any]]:
    """dbt's models and seeds as its manifest holds them."""
    return [node for node in _manifest()["nodes"].values() if node["resource_type"] in ("model", "seed")]


def _manifest() -> dict[str, Any]:
    project = DbtProject(PROJECT, target_path=target())
    prepare(project)
    manifest: dict[str, Any] = json.loads(project.manifest_path.read_text())
    return manifest


def marts_behind(source: str, streams: Collection[str]) -> list[str]:
    """The marts that are built from any of a source's streams, by dbt's own lineage."""
    manifest = _manifest()
    nodes = manifest["nodes"]
    coming = [f"source.prodops.{source}.{stream}" for stream in streams]
    seen: set[str] = set()
    while coming:
        one = coming.pop()
        if one not in seen:
            seen.add(one)
            coming += manifest["child_map"].get(one, [])
    return sorted(nodes[one]["name"] for one in seen if one.startswith("model.") and nodes[one]["schema"] == MARTS)


def _key(node: Mapping[str, Any]) -> dg.AssetKey:
    return dg.AssetKey([node["config"]["schema"], node["name"]])


def code_version() -> str:
    """Which code made a snapshot: the version and a hash over the rooms that decide what is in it."""
    prints = [fingerprint(ROOT / room) for room in ("ingestion", "dbt_project", "quality", "serving")]
    return f"{installed('prodops')}+{hashlib.sha256(''.join(prints).encode()).hexdigest()[:12]}"


def record_sources() -> None:
    """Notes the newest load of each stream before a build, so that checks know what the build had to hold."""
    newest = {}
    for source in SOURCES.values():
        for stream in source.streams:
            manifest = read_manifest(zone_of(stream), source.name, stream.name)
            if manifest and manifest.load_ids:
                newest[f"{source.name}/{stream.name}"] = manifest.load_ids[-1]
    write_atomically(built_from(), json.dumps(newest))


def built_from() -> Path:
    return target() / "built_from.json"


def target() -> Path:
    """dbt's target folder: the same for each run, so that parsing is incremental."""
    return home() / "dbt"


def prepare(project: DbtProject) -> None:
    """Makes dbt's manifest when the project changed since the last time; needs no network, no secret, no warehouse."""
    print_file = target() / "fingerprint"
    wanted = fingerprint(project.project_dir)
    if project.manifest_path.exists() and print_file.exists() and print_file.read_text() == wanted:
        return
    with (home() / "logs" / "dbt.log").open("a") as log, contextlib.redirect_stdout(log):
        parsing = dbt(project).cli(["parse", "--quiet"], target_path=target(), raise_on_error=False)
        said = [str(event) for event in parsing.stream_raw_events()]
    if not parsing.is_successful():
        raise BuildError(f"the dbt project can't be read: {' '.join(' '.join(said).split())[:500]} (dbt/dbt.log)")
    write_atomically(print_file, wanted)


def fingerprint(project_dir: Path) -> str:
    """Of the project's files and of dbt itself."""
    digest = hashlib.sha256(installed("dbt-core").encode())
    for path in sorted(project_dir.rglob("*")):
        if path.is_file() and path.suffix in (".sql", ".yml", ".csv", ".md", ".py"):
            digest.update(str(path.relative_to(project_dir)).encode() + path.read_bytes())
    return digest.hexdigest()
