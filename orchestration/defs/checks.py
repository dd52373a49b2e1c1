"""Proofs of quality/ as blocking checks in front of the publish step, and its controls as warnings.

Belongs here: which proof runs on which asset. Does not: the proofs (quality), checks that SQL can say (dbt tests).
"""

from collections.abc import Iterator

import dagster as dg

from ingestion.home import home
from ingestion.sources import SOURCES, Source
from orchestration import built, gate, manifest
from quality.controls import CONTROLS, results
from quality.proof import PROVEN, proofs
from quality.reconciliation import StreamCount, landed_is_staged


def staged_checks(source: Source) -> dg.AssetChecksDefinition:
    """loaded + quarantined = served, for every stream of a source."""
    specs = [
        dg.AssetCheckSpec(
            gate.proof(source.name, stream.name),
            asset=gate.HEALTH,
            blocking=True,
            description=f"Every live record of {source.name}.{stream.name} is served or in quarantine with a reason, "
            "each in the newest version that landed. Red: between landing and staging records were lost, invented, "
            "doubled or left in an old version, and every figure built on them is wrong.",
        )
        for stream in source.streams
    ]

    @dg.multi_asset_check(name=f"{source.name}_landed_is_staged", specs=specs, can_subset=True)
    def check(context: dg.AssetCheckExecutionContext) -> Iterator[dg.AssetCheckResult]:
        asked = {key.name for key in context.selected_asset_check_keys}
        streams = [stream for stream in source.streams if gate.proof(source.name, stream.name) in asked]
        build = built.last()
        known = build.streams if build else {}
        newest = {name: loads.newest for name, loads in known.items()}
        loads = {stream.name: newest.get(f"{source.name}/{stream.name}", "") for stream in streams}
        for count in landed_is_staged(home() / "warehouse.duckdb", source.name, streams, loads):
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
        asset_key=gate.HEALTH,
        check_name=gate.proof(count.source, count.stream),
        passed=count.ties,
        description=description,
        metadata={"landed": count.landed, "served": count.served, "quarantined": count.quarantined},
    )


def controls() -> dg.AssetChecksDefinition:
    """What the vendors themselves say. A difference is one contract's or issue's, so that it holds nothing back."""
    specs = [
        dg.AssetCheckSpec(
            gate.control(one.id),
            asset=gate.HEALTH,
            description=f"{one.source}: {one.vendor} = {one.ours}. Red: figures of {one.marts} may be wrong for what "
            f"is named. Next: {one.mend}.",
        )
        for one in CONTROLS
    ]

    @dg.multi_asset_check(name="vendors_agree", specs=specs, can_subset=True)
    def check(context: dg.AssetCheckExecutionContext) -> Iterator[dg.AssetCheckResult]:
        asked = {key.name for key in context.selected_asset_check_keys}
        for found in results(home() / "warehouse.duckdb"):
            if gate.control(found.control.id) in asked:
                yield dg.AssetCheckResult(
                    asset_key=gate.HEALTH,
                    check_name=gate.control(found.control.id),
                    passed=found.is_green,
                    severity=dg.AssetCheckSeverity.WARN,
                    description=found.text,
                    metadata={"compared": found.compared, "agreed": found.agreed},
                )

    return check


def reconciliations() -> dg.AssetChecksDefinition:
    """Each mart against its independent control. Of cost no amount is shown: it could be somebody's pay."""
    specs = [
        dg.AssetCheckSpec(
            gate.reconciliation(mart),
            asset=gate.RECONCILIATION,
            blocking=True,
            description=f"What {mart} shows is, with the items that mart_reconciliation names, what an independent "
            "control says, in every period. Red: the account, the period and the documents of a difference are named, "
            "and the marts that it is in keep their published rows.",
        )
        for mart in PROVEN
    ]

    @dg.multi_asset_check(name="marts_are_their_controls", specs=specs, can_subset=True)
    def check(context: dg.AssetCheckExecutionContext) -> Iterator[dg.AssetCheckResult]:
        asked = {key.name for key in context.selected_asset_check_keys}
        for proof in proofs(home() / "warehouse.duckdb"):
            if gate.reconciliation(proof.mart) in asked:
                yield dg.AssetCheckResult(
                    asset_key=gate.RECONCILIATION,
                    check_name=gate.reconciliation(proof.mart),
                    passed=proof.is_green,
                    description=proof.text,
                    metadata={"compared": proof.compared, "differing": len(proof.findings)},
                )

    return check


def pay() -> dg.AssetChecksDefinition:
    """What all that is published of cost, in all periods and versions, tells of one person's pay."""
    above = gate.with_cost()
    specs = [
        dg.AssetCheckSpec(
            gate.PAY,
            asset=mart,
            blocking=True,
            description="Nobody's pay can be worked out closely from all that is published together, earlier "
            "versions included. Red: it can, of the person and from the cells that are named; this mart is held back.",
        )
        for mart in above
    ]

    @dg.multi_asset_check(name=gate.PAY, specs=specs, can_subset=True)
    def check(context: dg.AssetCheckExecutionContext) -> Iterator[dg.AssetCheckResult]:
        # here, because the solver takes half a second to import
        from quality.disclosure_published import audit_published, described

        audit = audit_published(home(), [described(model) for model in manifest.leaving().values()])
        for key in sorted(context.selected_asset_check_keys):
            problems = [text for model in above[key.asset_key] for text in audit.problems.get(model, ())]
            yield dg.AssetCheckResult(
                asset_key=key.asset_key,
                check_name=gate.PAY,
                passed=not problems,
                description="; ".join(dict.fromkeys(problems)) or f"nobody of {audit.people} is told",
                metadata={"people": audit.people, "figures": audit.figures, "earlier versions": audit.earlier},
            )

    return check


@dg.definitions
def defs() -> dg.Definitions:
    staged = [staged_checks(source) for source in SOURCES.values()]
    return dg.Definitions(asset_checks=[*staged, pay(), controls(), reconciliations()])
