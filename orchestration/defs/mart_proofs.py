"""Proofs of what is about to be published: marts against their controls, and nobody's pay in any of them.

Belongs here: which proof of quality/ runs on which mart. Does not: what landed and what vendors say (checks), the
proofs themselves.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import dagster as dg

from ingestion.home import home
from orchestration import gate, manifest
from quality.proof import proofs

if TYPE_CHECKING:
    from quality.disclosure_published import Audit


def reconciliations() -> dg.AssetChecksDefinition:
    """Each mart against its independent control. Of cost no amount is shown: it could be somebody's pay."""
    specs = [
        dg.AssetCheckSpec(
            key.name,
            asset=key.asset_key,
            description=f"Red: what {mart} shows is not what an independent control says, less the items between the "
            "two that mart_reconciliation names; it keeps its published rows. Next: "
            f"{manifest.owner(key.asset_key)} looks up the account, period and documents that the result names "
            "(docs/metrics/reconciliation.md).",
        )
        for key, mart in gate.reconciliations().items()
    ]

    @dg.multi_asset_check(name="marts_are_their_controls", specs=specs, can_subset=True, op_tags=gate.AFTER_THE_BUILD)
    def check(context: dg.AssetCheckExecutionContext) -> Iterator[dg.AssetCheckResult]:
        for proof in proofs(home() / "warehouse.duckdb"):
            key = gate.reconciliation(proof.mart)
            if key in context.selected_asset_check_keys:
                yield dg.AssetCheckResult(
                    asset_key=key.asset_key,
                    check_name=key.name,
                    passed=proof.is_green,
                    description=proof.text,
                    metadata={"compared": proof.compared, "differing": len(proof.findings)},
                )

    return check


def pay() -> list[dg.AssetChecksDefinition]:
    """What all that is published of cost, in all periods and versions, reveals of one person's pay. A check of its own
    for each mart: one that could not be built costs no other mart its check."""
    return [_pay_in(mart, models) for mart, models in gate.with_cost().items()]


def _pay_in(mart: dg.AssetKey, models: Sequence[str]) -> dg.AssetChecksDefinition:
    # Not blocking to Dagster, which would leave out what hangs on the mart: the gate holds it back.
    @dg.asset_check(
        asset=mart,
        name=gate.PAY,
        description="Red: from all that is published together, earlier versions included, somebody's pay can be worked "
        f"out closely; this mart is held back. Next: {manifest.owner(mart)} looks at the cells that the result names "
        "(docs/metrics/disclosure.md).",
    )
    def check(context: dg.AssetCheckExecutionContext) -> dg.AssetCheckResult:
        audit = _audited(context.run.run_id)
        problems = [text for model in models for text in audit.problems.get(model, ())]
        return dg.AssetCheckResult(
            passed=not problems,
            description="; ".join(dict.fromkeys(problems))
            or f"nobody's pay of {audit.people} people can be worked out",
            metadata={"people": audit.people, "figures": audit.figures, "earlier versions": audit.earlier},
        )

    return check


@lru_cache(maxsize=1)
def _audited(run_id: str) -> "Audit":
    """The audit of all marts together, once in a run."""
    # here, because the solver takes half a second to import
    from quality.disclosure_published import audit_published, described

    return audit_published(home(), [described(model) for model in manifest.leaving().values()])


@dg.definitions
def defs() -> dg.Definitions:
    return dg.Definitions(asset_checks=[*pay(), reconciliations()])
