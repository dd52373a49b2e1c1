"""May the marts be published?

Belongs here: what the Dagster instance knows of every blocking check, turned into one answer. Does not: the checks
themselves (dbt_project, defs/checks.py, defs/mart_proofs.py), publishing (serving).

dbt's tests stop nothing outside their own dbt run and a schedule may publish in a run of its own: so the gate asks the
instance and trusts no run. A check must have passed after the last build of what it is about; when that was is no
matter, because what nothing new has touched is not checked again. And nothing may be due: a build that broke in the
middle, or was for a part only, leaves new models beside old ones.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

import dagster as dg
from dagster import AssetCheckKey, AssetKey, DagsterInstance
from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecordStatus

from ingestion.sources import SOURCES, Stream
from orchestration import manifest
from orchestration.built import Built
from quality.controls import CONTROLS, Control
from quality.proof import PROVEN
from quality.reconciliation import staged_in
from serving.publish import Check

ENDED = {AssetCheckExecutionRecordStatus.SUCCEEDED, AssetCheckExecutionRecordStatus.FAILED}
RED = "is red"
HEALTH = dg.AssetKey(["marts", "mart_data_health"])
"""Where controls are counted."""
RECONCILIATION = dg.AssetKey(["marts", "mart_reconciliation"])
"""Where marts are compared with their controls."""
COSTS = dg.AssetKey(["intermediate", "int_product_costs_summed"])
"""What every mart of cost is summed from: a step of the allocation that is wrong is in all of them."""


@dataclass(frozen=True, slots=True)
class Checked:
    """The last evaluation of a check."""

    at: float
    passed: bool


PAY = "pay_is_not_disclosed"


def proofs() -> dict[AssetCheckKey, tuple[str, str] | None]:
    """The blocking checks that are no tests of dbt, each with the source and the stream that it is about; None where it
    is about the mart that it is on."""
    of_streams: dict[AssetCheckKey, tuple[str, str] | None] = {
        proof(source.name, stream): (source.name, stream.name)
        for source in SOURCES.values()
        for stream in source.streams
    }
    return of_streams | dict.fromkeys((AssetCheckKey(mart, PAY) for mart in with_cost()), None)


def with_cost() -> dict[AssetKey, list[str]]:
    """The marts that show cost of people, each with the models above it that leave the restricted database."""
    keys = {mart.name: mart.key for mart in manifest.marts()}
    found: dict[AssetKey, list[str]] = {}
    for one, model in manifest.leaving().items():
        for mart in manifest.marts_of([manifest.assets()[one]]):
            found.setdefault(keys[mart], []).append(model["name"])
    return found


def proof(source: str, stream: Stream) -> AssetCheckKey:
    """The proof that what landed of a stream is staged, on the last model that the proof reads."""
    return AssetCheckKey(dg.AssetKey(["staging", staged_in(source, stream)]), "landed_is_staged")


def reconciliations() -> dict[AssetCheckKey, str]:
    """The blocking checks that a mart is what its control says, each with the mart."""
    return {reconciliation(mart): mart for mart in PROVEN}


def reconciliation(mart: str) -> AssetCheckKey:
    """The check that a mart is what its control says."""
    return AssetCheckKey(dg.AssetKey(["marts", mart]), "equals_its_control")


def beside_dbt() -> set[AssetCheckKey]:
    """All checks that are no tests of dbt and hold marts back. To Dagster those of staging and of reconciliation do not
    block: it would have what is built of an asset in the same run wait for a check that needs that build."""
    return proofs().keys() | reconciliations().keys()


def controls() -> set[AssetCheckKey]:
    """The checks that hold nothing back: they run when what they are about was built, and say what they see."""
    return {control(one) for one in CONTROLS}


def control(one: Control) -> AssetCheckKey:
    """The check of a control, on the mart that it speaks of."""
    return AssetCheckKey(dg.AssetKey(["marts", one.mart]), f"{one.id}_as_the_vendor_says")


READ: Mapping[AssetCheckKey, AssetKey] = {
    **dict.fromkeys(reconciliations(), RECONCILIATION),
    **dict.fromkeys(map(control, CONTROLS), HEALTH),
}
"""What a check reads besides the asset that it is on. dbt knows that of its tests; these are due again, and their last
result is too old, when either of the two was built."""


def judge(
    checked: Mapping[AssetCheckKey, Checked | None],
    built: Mapping[AssetKey, float | None],
    due: Collection[AssetKey | AssetCheckKey] = (),
) -> dict[AssetKey | AssetCheckKey, str | None]:
    """What keeps each blocking check and each asset from being published, None where nothing does.

    ``built``: when an asset was last built, None where Dagster knows of no time. ``due``: what must be built or checked
    again.
    """
    found: dict[AssetKey | AssetCheckKey, str | None] = {}
    for asset, at in built.items():
        found[asset] = "was never built" if at is None else "is due to be built" if asset in due else None
    for check, last in checked.items():
        times = (built.get(one) for one in (check.asset_key, READ.get(check)) if one)
        at = max((time for time in times if time is not None), default=None)
        if last is None:
            found[check] = "never ran to its end"
        elif not last.passed:
            found[check] = RED
        elif at is not None and last.at < at:
            found[check] = "is older than the last build"
        else:
            found[check] = "is due to be run" if check in due else None
    return found


def verdicts(instance: DagsterInstance, build: Built | None, due: Collection[AssetKey | AssetCheckKey]) -> list[Check]:
    """One verdict per blocking check and one per asset that is not as it should be, each with the marts that it holds
    back: those that are built from what it is about."""
    judged = judge(*_known(instance), due)
    made = {**manifest.assets(), **manifest.results()}
    failed = {key: build.errors[one] for one, key in made.items() if build and one in build.errors}
    found = []
    for key, problem in judged.items():
        if isinstance(key, AssetCheckKey):
            on, name = key.asset_key, key.name
        elif problem is not None:
            on, name = key, "built"
        else:
            continue
        if key in failed:
            problem = f"failed: {failed[key]}"
        holds = None if problem is None else held_by(key, problem)
        is_cause = key in failed or problem == RED
        found.append(Check(name, on.to_user_string(), problem is None, problem, holds, is_cause))
    return found


def held_by(key: AssetKey | AssetCheckKey, problem: str) -> tuple[str, ...]:
    """The marts that are not to be believed if this is not as it should be. A reconciliation that could not be made
    costs itself: dbt's tests are in front of each mart all the same."""
    if mart := reconciliations().get(key):
        if problem != RED:
            return (RECONCILIATION.path[-1],)
        return manifest.marts_of([COSTS if mart == "mart_product_cost" else dg.AssetKey(["marts", mart])])
    if stream := proofs().get(key):
        return manifest.marts_behind(stream[0], [stream[1]])
    return manifest.marts_of([key.asset_key if isinstance(key, AssetCheckKey) else key])


def gaps(instance: DagsterInstance) -> set[AssetKey | AssetCheckKey]:
    """What Dagster knows no good result of, so that it must be built or checked again."""
    return {key for key, why in judge(*_known(instance)).items() if why is not None}


def _known(instance: DagsterInstance) -> tuple[dict[AssetCheckKey, Checked | None], dict[AssetKey, float | None]]:
    """What the instance knows of every blocking check and of every asset that a build makes."""
    keys = sorted([*manifest.assets().values(), *manifest.results().values()])
    built: dict[AssetKey, float | None] = dict.fromkeys(keys)
    for key, event in instance.get_latest_materialization_events(keys).items():
        built[key] = event.timestamp if event is not None else None
    checks: Iterable[AssetCheckKey] = sorted({*manifest.blocking(), *beside_dbt()})
    return {key: _checked(instance, key) for key in checks}, built


def _checked(instance: DagsterInstance, key: AssetCheckKey) -> Checked | None:
    # Not the last record whatever it is: one that was planned by a run that had no need of it says nothing.
    last = instance.event_log_storage.get_asset_check_execution_history(key, limit=1, status=ENDED)
    if not last or last[0].event is None or last[0].event.dagster_event is None:
        return None
    return Checked(last[0].event.timestamp, last[0].event.dagster_event.asset_check_evaluation_data.passed)
