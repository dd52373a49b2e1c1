"""Proofs of quality/ as blocking checks in front of the publish step.

Belongs here: which proof runs on which asset. Does not: the proofs (quality), checks that SQL can say (dbt tests).
"""

import json
from collections.abc import Iterator

import dagster as dg

from ingestion.home import home
from ingestion.sources import SOURCES, Source
from orchestration import dbt_project
from quality.reconciliation import StreamCount, landed_is_staged

HEALTH = dg.AssetKey(["marts", "mart_data_health"])
"""Where the proofs hang: a check must be on a mart to hold up what is downstream of the marts."""


def staged_checks(source: Source) -> dg.AssetChecksDefinition:
    """loaded + quarantined = served, for every stream of a source."""
    specs = [
        dg.AssetCheckSpec(
            f"{source.name}_{stream.name}_landed_is_staged",
            asset=HEALTH,
            blocking=True,
            description=f"Every live record of {source.name}.{stream.name} is served or in quarantine with a reason, "
            "each in the newest version that landed. Red: between landing and staging records were lost, invented, "
            "doubled or left in an old version, and every figure built on them is wrong.",
        )
        for stream in source.streams
    ]

    @dg.multi_asset_check(name=f"{source.name}_landed_is_staged", specs=specs)
    def check() -> Iterator[dg.AssetCheckResult]:
        noted = dbt_project.built_from()
        newest = json.loads(noted.read_text()) if noted.exists() else {}
        loads = {stream.name: newest.get(f"{source.name}/{stream.name}", "") for stream in source.streams}
        for count in landed_is_staged(home() / "warehouse.duckdb", source.name, source.streams, loads):
            yield result(count)

    return check


def result(count: StreamCount) -> dg.AssetCheckResult:
    """A count as Dagster shows it."""
    description = f"{count.landed} landed = {count.served} served + {count.quarantined} in quarantine"
    if not count.ties:
        description = (
            f"{count.landed} landed, {count.served} served, {count.quarantined} in quarantine; "
            f"missing: {', '.join(count.missing) or 'none'}; extra: {', '.join(count.extra) or 'none'}; "
            f"in another version than landed: {', '.join(count.differing) or 'none'}"
        )
    return dg.AssetCheckResult(
        asset_key=HEALTH,
        check_name=f"{count.source}_{count.stream}_landed_is_staged",
        passed=count.ties,
        description=description,
        metadata={"landed": count.landed, "served": count.served, "quarantined": count.quarantined},
    )


@dg.definitions
def defs() -> dg.Definitions:
    return dg.Definitions(asset_checks=[staged_checks(source) for source in SOURCES.values()])
