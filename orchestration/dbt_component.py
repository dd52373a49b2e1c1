"""The dbt project as Dagster's assets and checks.

Belongs here: how nodes become assets, what a build does step by step. Does not: what is due (plan.py), running dbt
(dbt_process.py), any SQL (dbt_project).
"""

from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DbtCliResource, DbtProject, DbtProjectComponent
from dagster_dbt.components.dbt_project.component import DbtProjectComponentTranslator
from dagster_dbt.dbt_project_manager import DbtProjectArgsManager, DbtProjectManager

from ingestion import clock, lease
from ingestion.home import home
from orchestration import built, dbt_process, manifest, plan, warehouse
from orchestration.cadence import BUILT
from orchestration.dbt_process import BuildError
from orchestration.failures import failure

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
        return self.build_defs_from_state(context, None)

    def get_asset_spec(self, manifest: Mapping[str, Any], unique_id: str, project: DbtProject | None) -> dg.AssetSpec:
        spec = super().get_asset_spec(manifest, unique_id, project)
        return spec.replace_attributes(freshness_policy=BUILT.freshness)

    def execute(self, context: dg.AssetExecutionContext, dbt: DbtCliResource) -> Iterator[Any]:
        """Builds and tests what the run selected, all of it; plan.py says what is due."""
        with lease.hold(home(), "dbt build", lease.PATIENCE_SECONDS):
            before, now, file = built.last(), built.now(), home() / "warehouse.duckdb"
            due, selected = plan.nodes_due(before, now), selected_nodes(context)
            nodes = {*manifest.models(), *manifest.checks()}
            if due.everything and selected < nodes:
                raise failure(BuildError("the warehouse is not built, or by other engines; build all: prodops rebuild"))
            if due.everything:
                context.log.info("the warehouse is built anew from landing")
                warehouse.discard(file)
            # On record before anything is touched: killed from here on, all of this is due.
            wanted, made_from = dict.fromkeys(selected, False) | due.nodes, plan.taken(before, now, selected)
            built.begin(made_from, wanted)
            if before is not None and not due.everything and before.code != now.code:
                for name in warehouse.drop_unknown(file):
                    context.log.info(f"dropped {name}: no model makes it")
            arguments = [*self.get_cli_args(context), *selection(selected, nodes)]
            nodes_by_id = manifest.models()
            if any(wanted[one] and _keeps(nodes_by_id[one]) for one in selected & nodes_by_id.keys()):
                arguments.append("--full-refresh")
            problems = yield from self.run_dbt(context, arguments)
            ran = dbt_process.results()
            yield from row_counts(ran)
            built.end(made_from, wanted, ran, errors(), clock.iso(clock.now()))
        if problems:
            raise failure(BuildError("\n".join(problems)))

    def run_dbt(self, context: dg.AssetExecutionContext, arguments: list[str]) -> Generator[Any, None, list[str]]:
        """Runs dbt to its end, its events for Dagster as they come; returns what went wrong, one line each."""
        step = context.get_step_execution_context()
        outputs = step.get_output_asset_keys()
        step.get_output_asset_keys = lambda: outputs  # Dagster finds out with each of them, 748 by 424 times
        dbt_process.forget_results()
        invocation = dbt_process.start(arguments)
        for event in dbt_process.events(invocation):
            if event.is_result_event:
                node = event.raw_event["data"]["node_info"]
                context.log.info(f"{node['resource_type']} {node['node_name']}: {node['node_status']}")
            yield from event.to_default_asset_events(
                manifest.content(), self.translator, context, project=self.dbt_project
            )
        return dbt_process.problems(None if invocation.is_successful() else invocation.get_error())


def selected_nodes(context: dg.AssetExecutionContext) -> set[str]:
    """Ids of what the run is to build and to test."""
    assets, checks = set(context.selected_asset_keys), set(context.selected_asset_check_keys)
    found = {unique_id for unique_id, key in manifest.assets().items() if key in assets}
    return found | {unique_id for unique_id, key in manifest.checks().items() if key in checks}


def selection(selected: set[str], nodes: set[str]) -> list[str]:
    """dbt's arguments for exactly these nodes, by their names."""
    if selected == nodes:
        return []
    names = sorted(manifest.project().nodes[one]["name"] for one in selected)
    return ["--indirect-selection", "empty", "--select", " ".join(names)]  # dagster-dbt takes one argument for all


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
