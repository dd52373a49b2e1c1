"""Proofs of quality/ as blocking checks in front of the publish step, and its controls as warnings.

Belongs here: which proof runs on which asset. Does not: proofs of marts (mart_proofs), the proofs
themselves (quality), checks that SQL can say (dbt tests).
"""

from collections.abc import Iterator

import dagster as dg

from ingestion.home import home
from ingestion.sources import SOURCES, Source
from orchestration import built, gate, manifest
from quality.controls import CONTROLS, results
from quality.reconciliation import StreamCount, landed_is_staged


def staged_checks(source: Source) -> dg.AssetChecksDefinition:
    """loaded + quarantined = served, for every stream of a source."""
    proofs = {gate.proof(source.name, stream): stream for stream in source.streams}
    specs = [
        dg.AssetCheckSpec(
            key.name,
            asset=key.asset_key,
            description=f"Red: records of {source.name}.{stream.name} were lost, invented, doubled or left in an old "
            "version between landing and staging, so every figure built on them is wrong. Next: "
            f"{manifest.owner(key.asset_key)} looks up the records that the result names; prodops rebuild makes "
            "staging again from what landed.",
        )
        for key, stream in proofs.items()
    ]

    @dg.multi_asset_check(name=f"{source.name}_landed_is_staged", specs=specs, can_subset=True)
    def check(context: dg.AssetCheckExecutionContext) -> Iterator[dg.AssetCheckResult]:
        asked = {key: stream for key, stream in proofs.items() if key in context.selected_asset_check_keys}
        build = built.last()
        known = build.streams if build else {}
        newest = {name: loads.newest for name, loads in known.items()}
        loads = {stream.name: newest.get(f"{source.name}/{stream.name}", "") for stream in asked.values()}
        counts = landed_is_staged(home() / "warehouse.duckdb", source.name, [*asked.values()], loads)
        for key, count in zip(asked, counts, strict=True):
            yield result(key, count)

    return check


def result(key: dg.AssetCheckKey, count: StreamCount) -> dg.AssetCheckResult:
    """A count as Dagster shows it."""
    description = f"{count.landed} landed = {count.served} served + {count.quarantined} in quarantine"
    if not count.ties:
        description = (
            f"{count.landed} landed, {count.served} served, {count.quarantined} in quarantine; "
            f"missing: {', '.join(count.missing) or 'none'}; extra: {', '.join(count.extra) or 'none'}; "
            f"in another version than landed: {', '.join(count.differing) or 'none'}"
        )
    return dg.AssetCheckResult(
        asset_key=key.asset_key,
        check_name=key.name,
        passed=count.ties,
        description=description,
        metadata={"landed": count.landed, "served": count.served, "quarantined": count.quarantined},
    )


def controls() -> dg.AssetChecksDefinition:
    """What the vendors themselves say. A difference is one contract's or issue's, so that it holds nothing back."""
    specs = [
        dg.AssetCheckSpec(
            key.name,
            asset=key.asset_key,
            description=f"Yellow: {one.vendor} (in {one.source}) is not {one.ours}, so figures of {one.marts} may be "
            f"wrong for what the result names. Next, for {manifest.owner(key.asset_key)}: {one.mend}.",
        )
        for key, one in ((gate.control(one), one) for one in CONTROLS)
    ]

    @dg.multi_asset_check(name="vendors_agree", specs=specs, can_subset=True, op_tags=gate.AFTER_THE_BUILD)
    def check(context: dg.AssetCheckExecutionContext) -> Iterator[dg.AssetCheckResult]:
        for found in results(home() / "warehouse.duckdb"):
            key = gate.control(found.control)
            if key in context.selected_asset_check_keys:
                yield dg.AssetCheckResult(
                    asset_key=key.asset_key,
                    check_name=key.name,
                    passed=found.is_green,
                    severity=dg.AssetCheckSeverity.WARN,
                    description=found.text,
                    metadata={"compared": found.compared, "agreed": found.agreed},
                )

    return check


@dg.definitions
def defs() -> dg.Definitions:
    return dg.Definitions(asset_checks=[*(staged_checks(source) for source in SOURCES.values()), controls()])
