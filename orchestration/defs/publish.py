"""Publishing as an asset, behind the gate.

Belongs here: what the gate found and what a snapshot says about itself, handed to serving. Does not: how a snapshot is
made (serving/publish.py).
"""

from collections.abc import Iterator
from dataclasses import replace

import dagster as dg
from dagster import AssetCheckKey, AssetKey

from ingestion import disk, lease, unread
from ingestion.clock import now
from ingestion.errors import ProdopsError
from ingestion.home import home
from ingestion.ownership import owner
from ingestion.sources import SOURCES
from orchestration import built, clocks, gate, manifest, next_steps, versions, warehouse
from orchestration.cadence import PUBLISHED
from orchestration.failures import HELD, failure
from quality import disclosure_records
from quality.reconciliation import built_loads
from serving import restatements
from serving.failures import Check, in_words
from serving.publish import Edition, PublishError, confirm, is_same, mark_stale, publish
from serving.published import MARTS, Snapshot, current, shown, status

KEY = dg.AssetKey(["published", "current"])
CHECK = dg.AssetCheckSpec(
    "published_is_the_warehouse",
    asset=KEY,
    blocking=True,
    description="Red: a published mart does not hold exactly the warehouse's rows, so readers would see others than "
    "were proven; the snapshot was not swapped in. Next: the data team looks at the copies that the result names and "
    "at the disk, and runs prodops publish again.",
)


def due(build: built.Built | None) -> set[AssetKey | AssetCheckKey]:
    """What the last build left to be built or tested, and what is expected of loads that it took in and nobody looked
    at; everything, where there is no record of it."""
    keys: dict[str, AssetKey | AssetCheckKey] = {**manifest.assets(), **manifest.results(), **manifest.checks()}
    left = {key for node, key in keys.items() if build is None or node in build.due}
    return left | (gate.unseen(build.streams) if build else set())


def edition(checks: list[Check], marts: list[manifest.Mart]) -> Edition:
    """What the warehouse would be published as."""
    return Edition(
        now(),
        versions.code_version(),
        checks,
        built_loads(home() / "warehouse.duckdb"),
        {mart.name: mart.info for mart in marts},
        *owner(),
        clocks.of_last_build(),
    )


def is_due() -> bool:
    """Whether what is served is stale, or of other code or loads than the warehouse, or some source can't be read."""
    return status(home()).is_stale or bool(unread.known(SOURCES)) or not is_same(current(home()), edition([], []))


def restating(check: Check) -> Check:
    """A restatement of a mart, with who decides. What is built of the mart would show the figures too, and waits."""
    mart = check.on.rpartition("/")[2]
    return replace(check, owner=next_steps.of_mart(mart), holds=manifest.marts_of([dg.AssetKey([MARTS, mart])]))


@dg.definitions
def defs() -> dg.Definitions:
    marts = manifest.marts()

    @dg.asset(
        key=KEY,
        deps=[mart.key for mart in marts],
        group_name="published",
        owners=["team:product-ops"],
        kinds={"duckdb", "parquet"},
        description="The marts as people get them: one read-only DuckDB file, Parquet, one file per portfolio.",
        pool="warehouse",
        # Proofs of staging are on no mart, so that nothing else makes this step wait for them.
        op_tags={"dagster/priority": "-2"},
        freshness_policy=PUBLISHED.freshness,
        check_specs=[CHECK],
    )
    def published(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult]:
        build = built.last()
        checks = gate.verdicts(context.instance, build, due(build))
        try:
            with disk.named(), lease.hold(home(), "publish", lease.PATIENCE_SECONDS):
                file = warehouse.warehouse_of(home())
                wanted = edition(checks, marts)
                held = wanted.held(wanted.marts)
                # What may not be published is compared with nothing: a restatement would show it.
                moving = {name: info for name, info in wanted.marts.items() if name not in held}
                restated = restatements.found(home(), file, current(home()), moving, now())
                checks += [restating(one) for one in restated]
                wanted = replace(wanted, checks=checks)
                snapshot = confirm(home(), file, wanted)
                if snapshot:
                    context.log.info(f"{snapshot.snapshot_id} holds the warehouse's rows already and stays")
                else:
                    snapshot = publish(home(), file, wanted)
                above = gate.with_cost()
                seen = {model for mart, models in above.items() if mart.path[-1] in snapshot.moved for model in models}
                if seen:
                    unseen = {model for models in above.values() for model in models} - seen
                    disclosure_records.keep(home(), snapshot.snapshot_id, shown(home()), unseen)
        except ProdopsError as error:
            mark_stale(home(), str(error), now())
            raise failure(error) from None
        rows = {mart: described["rows"] for mart, described in snapshot.manifest["marts"].items()}
        yield dg.MaterializeResult(
            metadata={
                "snapshot": snapshot.snapshot_id,
                "path": dg.MetadataValue.path(snapshot.folder),
                "checks": len(checks),
                "dagster/row_count": sum(rows.values()),
                "rows": dg.MetadataValue.json(rows),
                "as of": dg.MetadataValue.json({mart: snapshot.as_of(mart).as_of for mart in rows}),
                "held back": dg.MetadataValue.json(snapshot.held),
                "failures": next_steps.listed(snapshot.failures),
            },
            check_results=[compared(snapshot)],
        )
        if snapshot.held:
            # What could move has moved. The run is red all the same: people read old rows of the others.
            known = {*snapshot.held, *snapshot.manifest["marts"]}
            causes = in_words(one for one in snapshot.failures if one.marts)
            context.instance.add_run_tags(context.run_id, HELD)
            raise failure(PublishError(f"{len(snapshot.held)} of {len(known)} marts are held back: {causes}"))

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
