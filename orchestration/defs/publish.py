"""Publishing as an asset, behind the gate.

Belongs here: what the gate found and what a snapshot says about itself, handed to serving. Does not: how a snapshot is
made (serving/publish.py).
"""

import dagster as dg

from ingestion.clock import now
from ingestion.errors import ProdopsError
from ingestion.home import home
from orchestration import dbt_project, gate, lease
from orchestration.cadence import BUILT
from orchestration.failures import failure
from quality.reconciliation import built_loads
from serving.publish import Edition, mark_stale, publish
from serving.published import Snapshot

KEY = dg.AssetKey(["published", "current"])
CHECK = dg.AssetCheckSpec(
    "published_is_the_warehouse",
    asset=KEY,
    blocking=True,
    description="Every published mart holds exactly the warehouse's rows. Compared before the snapshot is swapped in.",
)


@dg.definitions
def defs() -> dg.Definitions:
    marts = dbt_project.marts()

    @dg.asset(
        key=KEY,
        deps=[mart.key for mart in marts],
        group_name="published",
        owners=["team:product-ops"],
        kinds={"duckdb", "parquet"},
        description="The marts as people get them: one read-only DuckDB file, Parquet, one file per portfolio.",
        pool="warehouse",
        freshness_policy=BUILT.freshness,
        automation_condition=BUILT.automation,
        check_specs=[CHECK],
    )
    def published(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
        from orchestration.definitions import of_home  # which loads this module

        # Not the graph of this run: a run of the publish job alone knows no check but its own.
        graph = of_home(home()).resolve_asset_graph()
        built = set(dbt_project.keys())
        blocking = [key for key in graph.asset_check_keys if key.asset_key in built and graph.get(key).blocking]
        checks = gate.verdicts(context.instance, dbt_project.STEP, built, blocking)
        file = home() / "warehouse.duckdb"
        try:
            with lease.hold(home(), "publish", dbt_project.WAIT_SECONDS):
                edition = Edition(
                    now(),
                    dbt_project.code_version(),
                    checks,
                    built_loads(file),
                    {mart.name: mart.info for mart in marts},
                )
                snapshot = publish(home(), file, edition)
        except ProdopsError as error:
            mark_stale(home(), str(error), now())
            raise failure(error) from None
        rows = {mart: described["rows"] for mart, described in snapshot.manifest["marts"].items()}
        return dg.MaterializeResult(
            metadata={
                "snapshot": snapshot.snapshot_id,
                "path": dg.MetadataValue.path(snapshot.folder),
                "checks": len(checks),
                "dagster/row_count": sum(rows.values()),
                "rows": dg.MetadataValue.json(rows),
            },
            check_results=[compared(snapshot)],
        )

    return dg.Definitions(assets=[published])


def compared(snapshot: Snapshot) -> dg.AssetCheckResult:
    """The comparison that the publish step made, as Dagster shows it: a copy that differs is never swapped in."""
    copies = snapshot.manifest["copies"]
    differing = {f"{copy['mart']} in {copy['where']}": copy["differing"] for copy in copies if copy["differing"]}
    return dg.AssetCheckResult(
        check_name=CHECK.name,
        passed=bool(copies) and not differing,
        description=f"rows that differ: {differing}" if differing else f"no row differs in {len(copies)} copies",
        metadata={"rows": sum(copy["rows"] for copy in copies if copy["where"] == "parquet"), "differing": differing},
    )
