"""The dbt project as Dagster's assets and checks, and what Python computes between two selections of its models.

Belongs here: how nodes become assets, what a build does step by step. Does not: what is due (plan.py), running dbt
(dbt_process.py), any SQL (dbt_project), any figure (planning).

One step builds all: models, then the results that read them, then the models that read those results (dbt starts a
second time only then). As steps of their own, a model that fails in the first would cost all that is in the others,
and seeds a third start of dbt: Dagster would divide the models by what is upstream of a landing.
"""

from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DbtProject, DbtProjectComponent
from dagster_dbt.asset_utils import build_dbt_specs
from dagster_dbt.components.dbt_project.component import DbtProjectComponentTranslator
from dagster_dbt.dbt_project_manager import DbtProjectArgsManager, DbtProjectManager
from pydantic import Field

from ingestion import clock, lease, manifests
from ingestion.errors import ProdopsError
from ingestion.home import home
from ingestion.sources import forecasts, streams_by_source
from orchestration import built, clocks, dbt_process, failing_rows, links, manifest, plan, warehouse
from orchestration.cadence import BUILT
from orchestration.dbt_process import BuildError
from orchestration.failures import reported
from orchestration.landed import OWNER, described, landed_as
from orchestration.manifest import group
from orchestration.progress import say

ROW_COUNT = "dagster/row_count"
RESTRICTED = "restricted"
"""The database of people's pay."""


class Translator(DbtProjectComponentTranslator):
    """Makes the spec of a node once: it is asked for with each node that reads it, 2,055 times for 569 nodes."""

    def __init__(self, component: "Warehouse") -> None:
        super().__init__(component, component.translation_settings)
        self._specs: dict[str, dg.AssetSpec] = {}

    def get_asset_spec(self, manifest: Mapping[str, Any], unique_id: str, project: DbtProject | None) -> dg.AssetSpec:
        if unique_id not in self._specs:
            self._specs[unique_id] = super().get_asset_spec(manifest, unique_id, project)
        return self._specs[unique_id]

    def get_description(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """What yml says: dagster-dbt appends the model's Jinja. Of a base model the stream says it that it reads."""
        if described := str(dbt_resource_props["description"]):
            return described
        (read,) = (one for one in dbt_resource_props["depends_on"]["nodes"] if one in manifest.content()["sources"])
        landed = manifest.content()["sources"][read]["description"]
        which = "each version" if dbt_resource_props["name"].endswith("_versions") else "the newest version"
        return f"Landed: {landed} Here: {which} of each record, typed, or with the reason why it does not fit."


class BuildConfig(dg.Config):
    """What a build is to do besides what is due."""

    anew: bool = Field(
        False, description="Delete the warehouse and build all of it from landing, without one call to a source."
    )


@dataclass
class Warehouse(DbtProjectComponent):
    """The component of dagster-dbt with the house's places, groups and cadence."""

    @cached_property
    def _project_manager(self) -> DbtProjectManager:
        manager = super()._project_manager
        if not isinstance(manager, DbtProjectArgsManager):
            raise TypeError("defs.yaml names the dbt project by its folder")
        return DbtProjectArgsManager(replace(manager.args, target_path=str(dbt_process.target())))

    @cached_property
    def translator(self) -> DagsterDbtTranslator:
        return Translator(self)

    def build_defs(self, context: dg.ComponentLoadContext) -> dg.Definitions:
        # Not the state-backed way: that one copies the project into the source tree and parses on each start.
        dbt_process.prepare()
        specs, checks = build_dbt_specs(
            translator=self.translator,
            manifest=manifest.content(),
            select=self.select,
            exclude=self.exclude,
            selector=self.selector,
            io_manager_key=None,
            project=self.dbt_project,
        )
        op = self._get_op_spec(self.dbt_project)

        @dg.multi_asset(
            name=op.name, specs=[*specs, *result_specs()], check_specs=checks, can_subset=True, pool=op.pool
        )
        def assets(context: dg.AssetExecutionContext, config: BuildConfig) -> Iterator[Any]:
            with reported():
                yield from self.build(context, anew=config.anew)

        return dg.Definitions(assets=[assets])

    def get_asset_spec(self, manifest: Mapping[str, Any], unique_id: str, project: DbtProject | None) -> dg.AssetSpec:
        spec = super().get_asset_spec(manifest, unique_id, project)
        node = manifest["nodes"].get(unique_id)
        if node is None:  # a source: landing has it already
            return spec
        return spec.replace_attributes(
            freshness_policy=BUILT.freshness,
            group_name=group(node),
            metadata={**spec.metadata, **links.to_pages(unique_id)},
        )

    def build(self, context: dg.AssetExecutionContext, *, anew: bool = False) -> Iterator[Any]:
        """Builds, computes and tests what the run selected, all of it; plan.py says what is due."""
        with lease.hold(home(), "dbt build", lease.PATIENCE_SECONDS):
            manifests.recover(streams_by_source())
            before, now, file = None if anew else built.last(), built.now(), home() / "warehouse.duckdb"
            due, selected = plan.nodes_due(before, now), selected_nodes(context)
            nodes = {*manifest.models(), *manifest.results(), *manifest.checks()}
            if due.everything and selected < nodes:
                raise BuildError("the warehouse is not built, or by other engines; build all: prodops rebuild")
            if due.everything:
                context.log.info("the warehouse is built anew from landing")
                warehouse.discard(file)
            # On record before anything is touched: killed from here on, all of this is due.
            wanted, made_from = dict.fromkeys(selected, False) | due.nodes, plan.taken(before, now, selected)
            built.begin(made_from, wanted)
            if before is not None and not due.everything and before.code != now.code:
                for name in warehouse.drop_unknown(file):
                    context.log.info(f"dropped {name}: no model makes it")
            results = selected & manifest.results().keys()
            later = manifest.descendants(results) & selected - results
            first = selected - results - later
            done = yield from self.run_dbt(context, first, wanted)
            if results:
                done += yield from compute(context, results - stopped(first, done))
                made_from = plan.taken(before, built.computed(now), selected)
                done += yield from self.run_dbt(context, later - stopped(first | results, done), wanted)
            yield from row_counts(done.ran)
            clocks.keep(file)
            built.end(made_from, wanted, done.ran, done.errors, clock.iso(clock.now()))
        if done.problems:
            raise BuildError("\n".join(done.problems))

    def run_dbt(
        self, context: dg.AssetExecutionContext, nodes: set[str], wanted: Mapping[str, bool]
    ) -> Generator[Any, None, "Done"]:
        """Has dbt build and test these nodes, its events for Dagster as they come."""
        if not nodes:
            return Done()
        arguments = [*map(str, self.cli_args), *selection(nodes, {*manifest.models(), *manifest.checks()})]
        models = manifest.models()
        if any(wanted[one] and _keeps(models[one]) for one in nodes & models.keys()):
            arguments.append("--full-refresh")
        step = context.get_step_execution_context()
        outputs = step.get_output_asset_keys()
        step.get_output_asset_keys = lambda: outputs  # Dagster finds out with each of them, 748 by 424 times
        dbt_process.forget_results()
        red: list[tuple[str, dg.AssetCheckResult]] = []
        invocation, ended = dbt_process.start(arguments), 0
        for event in dbt_process.events(invocation):
            if event.is_result_event:
                node = event.raw_event["data"]["node_info"]
                text = f"{node['resource_type']} {manifest.shown(node['unique_id'])}: {node['node_status']}"
                ended += 1
                say(step.step.key, f"{ended} of {len(nodes)}, {text}")
                if node["node_status"] not in ("success", "pass"):  # those have an event of their own
                    context.log.info(text)
            for made in event.to_default_asset_events(
                manifest.content(), self.translator, context, project=self.dbt_project
            ):
                if isinstance(made, dg.AssetCheckResult) and not made.passed:
                    red.append((event.raw_event["data"]["node_info"]["unique_id"], made))
                else:
                    yield made
        failed = None if invocation.is_successful() else invocation.get_error()
        problems = dbt_process.problems(failed, manifest.shown)
        yield from failing_rows.described(red, dbt_process.statements())
        return Done(dbt_process.results(), errors(), problems)


@dataclass(frozen=True, slots=True)
class Done:
    """What was built or computed: how each node ended, what those that failed said, and all that went wrong, one line
    each."""

    ran: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    problems: Sequence[str] = ()

    def __add__(self, later: "Done") -> "Done":
        return Done({**self.ran, **later.ran}, {**self.errors, **later.errors}, [*self.problems, *later.problems])


def stopped(nodes: set[str], done: Done) -> set[str]:
    """What is not to be built because not all of these nodes ended well."""
    return manifest.stopped_by({one for one in nodes if done.ran.get(one) not in dbt_process.ENDED_WELL})


def result_specs() -> list[dg.AssetSpec]:
    """What Python computes, as assets downstream of the models that it reads."""
    keys, streams = manifest.assets(), {stream.name: stream for stream in forecasts.STREAMS}
    return [
        dg.AssetSpec(
            key,
            deps=[keys[model] for model in manifest.read_by(one)],
            group_name=manifest.group_of(forecasts.NAME),
            kinds={"python", "dlt", "parquet"},
            owners=[OWNER],
            description=f"{streams[key.path[-1]].description}. Computed from the warehouse, landed like a source.",
            freshness_policy=BUILT.freshness,
            metadata=landed_as(forecasts.NAME, streams[key.path[-1]]),
        )
        for one, key in manifest.results().items()
    ]


def compute(context: dg.AssetExecutionContext, results: set[str]) -> Generator[Any, None, Done]:
    """Computes and lands results; one that fails costs what reads it."""
    if not results:
        return Done()
    from planning.results import land  # brings numpy and dlt, 1 CPU-s that a command with nothing to compute saves

    ran, wrong = {}, {}
    by_stream = {one.split(".")[-1]: one for one in sorted(results)}
    streams = {stream.name: stream for stream in forecasts.STREAMS}
    for name, landed in land(home() / "warehouse.duckdb", by_stream):
        if isinstance(landed, ProdopsError):
            context.log.error(str(landed), exc_info=landed)
            ran[by_stream[name]], wrong[by_stream[name]] = "error", str(landed)
        else:
            ran[by_stream[name]] = "success"
            yield dg.MaterializeResult(
                asset_key=manifest.results()[by_stream[name]],
                metadata=described(forecasts.NAME, streams[name], [landed]),
            )
    return Done(ran, wrong, [*wrong.values()])


def selected_nodes(context: dg.AssetExecutionContext) -> set[str]:
    """Ids of what the run is to build and to test."""
    assets, checks = set(context.selected_asset_keys), set(context.selected_asset_check_keys)
    made = {**manifest.assets(), **manifest.results()}
    found = {unique_id for unique_id, key in made.items() if key in assets}
    return found | {unique_id for unique_id, key in manifest.checks().items() if key in checks}


def selection(selected: set[str], nodes: set[str]) -> list[str]:
    """dbt's arguments for exactly these nodes, by their names or, where they are fewer, by those of the others."""
    if selected == nodes:
        return []
    others = nodes - selected
    flag, named = ("--exclude", others) if len(others) < len(selected) else ("--select", selected)
    names = sorted(manifest.project().nodes[one]["fqn"][-1] for one in named)  # a test's own is not what Dagster shows
    return ["--indirect-selection", "empty", flag, " ".join(names)]  # dagster-dbt takes one argument for all


def row_counts(ran: Mapping[str, str]) -> Iterator[dg.AssetObservation]:
    """Rows of the tables that were built; counted when dbt has ended, as one process at a time opens a file."""
    keys = {manifest.models()[one]["name"]: key for one, key in manifest.assets().items() if one in ran}
    for name, rows in warehouse.row_counts(home() / "warehouse.duckdb", set(keys)):
        yield dg.AssetObservation(keys[name], metadata={ROW_COUNT: rows})


def errors() -> dict[str, str]:
    """What each model said that failed. Those of the restricted database say it in the log alone: it can quote pay."""
    nodes = manifest.models()
    return {
        one: "see logs/dbt.log" if nodes[one]["database"] == RESTRICTED else error
        for one, error in dbt_process.errors().items()
        if one in nodes
    }


def _keeps(node: Mapping[str, Any]) -> bool:
    return node["config"]["materialized"] in manifest.KEPT
