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
from functools import cache
from pathlib import Path

import dagster as dg
from dagster import AssetCheckKey, AssetKey, DagsterInstance
from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecordStatus

from ingestion import unread
from ingestion.sources import SOURCES, Stream
from orchestration import dbt_process, manifest, next_steps
from orchestration.built import Built, Loads
from quality.controls import CONTROLS, Control
from quality.expectations.batches import is_behind
from quality.expectations.catalogue import MARTS, Expectation
from quality.expectations.landed import of_stream
from quality.expectations.marts import Described, of_mart
from quality.proof import PROVEN
from quality.reconciliation import staged_in
from serving.failures import Check

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
    """The last evaluation of a check, and what it said."""

    at: float
    passed: bool
    said: str | None = None


PAY = "pay_is_not_disclosed"
UNREAD = "read"
"""What stands for the check that a source could be read."""


def proofs() -> dict[AssetCheckKey, tuple[str, str] | None]:
    """The blocking checks that are no tests of dbt, each with the source and the stream that it is about; None where it
    is about the mart that it is on."""
    of_streams: dict[AssetCheckKey, tuple[str, str] | None] = {
        proof(source.name, stream): (source.name, stream.name)
        for source in SOURCES.values()
        for stream in source.streams
    }
    expected = {
        key: (one.source, one.stream) if one.source in SOURCES else None
        for key, one in expectations().items()
        if one.rule.is_blocking
    }
    return of_streams | expected | dict.fromkeys((AssetCheckKey(mart, PAY) for mart in with_cost()), None)


def expectations() -> dict[AssetCheckKey, Expectation]:
    """What is expected of what lands and of marts, on the asset that it is about. Those that block are proofs."""
    return _expectations(dbt_process.target())


@cache
def _expectations(_target: Path) -> dict[AssetCheckKey, Expectation]:
    streams = [(source.name, stream) for source in SOURCES.values() for stream in source.streams]
    found = [one for source, stream in streams for one in of_stream(source, stream)]
    found += [one for mart in described_marts() for one in of_mart(mart)]
    return {AssetCheckKey(dg.AssetKey([one.source, one.stream]), one.rule.name): one for one in found}


def described_marts() -> list[Described]:
    """The marts as their expectations want to know them."""
    return [
        Described(
            mart.name,
            mart.info.key,
            mart.info.measures,
            [one for one in mart.info.measures if mart.info.columns[one].additivity in ("additive", "semi-additive")],
            {name: column.data_type.lower() for name, column in mart.info.columns.items()},
        )
        for mart in manifest.marts()
    ]


def unseen(streams: Mapping[str, Loads]) -> set[AssetCheckKey]:
    """The expectations of streams (``source/stream``) that have loads which were not looked at."""
    behind = {name for name, loads in streams.items() if is_behind(*name.split("/"), (loads.number, loads.newest))}
    return {key for key, one in expectations().items() if f"{one.source}/{one.stream}" in behind}


def with_cost() -> dict[AssetKey, list[str]]:
    """The marts that show cost of people, each with the models above it that leave the restricted database."""
    return _with_cost(dbt_process.target())


@cache
def _with_cost(_target: Path) -> dict[AssetKey, list[str]]:
    # Once for a project, as it is read once: a verdict on each of 500 checks asks for it.
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


def plausible() -> set[AssetCheckKey]:
    """The expectations of marts that hold nothing back."""
    return {key for key, one in expectations().items() if one.source == MARTS and not one.rule.is_blocking}


def control(one: Control) -> AssetCheckKey:
    """The check of a control, on the mart that it speaks of."""
    return AssetCheckKey(dg.AssetKey(["marts", one.mart]), f"{one.id}_as_the_vendor_says")


READ: Mapping[AssetCheckKey, AssetKey] = {
    **dict.fromkeys(reconciliations(), RECONCILIATION),
    **dict.fromkeys(map(control, CONTROLS), HEALTH),
}
"""What a check reads besides the asset that it is on. dbt knows that of its tests; these are due again, and their last
result is too old, when either of the two was built."""
AFTER_THE_BUILD = {"dagster/priority": "-1"}
"""The tag of steps that read what they are not on: steps of one process go by priority. A dependency would leave them
out wherever a test of dbt is red."""


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
    """One verdict per blocking check, one per asset that is not as it should be and one per error that kept streams
    from being read, each with the marts that it holds back: those that are built from what it is about."""
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
        if problem is None:
            found.append(Check(name, on.to_user_string(), passed=True))
            continue
        is_cause = key in failed or problem == RED
        found.append(
            Check(
                name,
                on.to_user_string(),
                passed=False,
                problem=problem,
                holds=held_by(key, problem),
                is_cause=is_cause,
                owner=next_steps.of_asset(on),
                next_step=_next_step(key, is_cause=is_cause),
            )
        )
    return [*found, *_unread()]


def _unread() -> Iterable[Check]:
    """What the last load of a source could not read costs the marts behind it. All else that landed is whole."""
    for one in unread.known(SOURCES):
        yield Check(
            UNREAD,
            one.source,
            passed=False,
            problem=f"failed: {one.error}",
            holds=manifest.marts_behind(one.source, one.streams),
            is_cause=True,
            since=one.since,
            owner=next_steps.of_source(one.source),
            next_step=next_steps.TO_READ,
        )


def _next_step(key: AssetKey | AssetCheckKey, *, is_cause: bool) -> str:
    if is_cause and key in reconciliations():
        return next_steps.TO_RECONCILE
    if is_cause and key in expectations():
        return next_steps.TO_EXPECT
    if is_cause and key in proofs():
        return next_steps.TO_WITHHOLD if key.name == PAY else next_steps.TO_STAGE
    return next_steps.after(key, is_cause=is_cause)


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


def said(instance: DagsterInstance) -> dict[tuple[str, str], str]:
    """What each red check said, by its name and its asset. It can name a customer or a person, so that no verdict has
    it: verdicts are published."""
    checked, _ = _known(instance)
    red = {key: last.said for key, last in checked.items() if last and not last.passed and last.said}
    return {(key.name, key.asset_key.to_user_string()): text for key, text in red.items()}


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
    found = last[0].event.dagster_event.asset_check_evaluation_data
    return Checked(last[0].event.timestamp, found.passed, found.description)
