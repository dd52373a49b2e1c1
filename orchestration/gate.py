"""May the marts be published?

Belongs here: what the Dagster instance knows of every blocking check, turned into one answer. Does not: the checks
themselves (dbt_project, defs/checks.py), publishing (serving).

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

from ingestion.sources import SOURCES
from orchestration import manifest
from serving.publish import Check

ENDED = {AssetCheckExecutionRecordStatus.SUCCEEDED, AssetCheckExecutionRecordStatus.FAILED}
HEALTH = dg.AssetKey(["marts", "mart_data_health"])
"""Where the proofs hang: a check must be on a mart to hold up what is downstream of the marts."""


@dataclass(frozen=True, slots=True)
class Checked:
    """The last evaluation of a check."""

    at: float
    passed: bool


def proofs() -> set[AssetCheckKey]:
    """The blocking checks that are no tests of dbt."""
    names = (proof(source.name, stream.name) for source in SOURCES.values() for stream in source.streams)
    return {AssetCheckKey(HEALTH, name) for name in names}


def proof(source: str, stream: str) -> str:
    """The name of the proof that what landed of a stream is staged."""
    return f"{source}_{stream}_landed_is_staged"


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
        at = built.get(check.asset_key)
        if last is None:
            found[check] = "never ran to its end"
        elif not last.passed:
            found[check] = "is red"
        elif at is not None and last.at < at:
            found[check] = "is older than the last build"
        else:
            found[check] = "is due to be run" if check in due else None
    return found


def verdicts(instance: DagsterInstance, due: Collection[AssetKey | AssetCheckKey]) -> list[Check]:
    """One verdict per blocking check and one per asset that is not as it should be."""
    judged = judge(*_known(instance), due)
    assets = [Check("built", key.to_user_string(), False, why) for key, why in judged.items() if _is_bad(key, why)]
    checks = [
        Check(key.name, key.asset_key.to_user_string(), why is None, why)
        for key, why in judged.items()
        if isinstance(key, AssetCheckKey)
    ]
    return assets + checks


def gaps(instance: DagsterInstance) -> set[AssetKey | AssetCheckKey]:
    """What Dagster knows no good result of, so that it must be built or checked again."""
    return {key for key, why in judge(*_known(instance)).items() if why is not None}


def _is_bad(key: AssetKey | AssetCheckKey, why: str | None) -> bool:
    return isinstance(key, AssetKey) and why is not None


def _known(instance: DagsterInstance) -> tuple[dict[AssetCheckKey, Checked | None], dict[AssetKey, float | None]]:
    """What the instance knows of every blocking check and of every asset that dbt builds."""
    keys = sorted(manifest.assets().values())
    built: dict[AssetKey, float | None] = dict.fromkeys(keys)
    for key, event in instance.get_latest_materialization_events(keys).items():
        built[key] = event.timestamp if event is not None else None
    checks: Iterable[AssetCheckKey] = sorted({*manifest.blocking(), *proofs()})
    return {key: _checked(instance, key) for key in checks}, built


def _checked(instance: DagsterInstance, key: AssetCheckKey) -> Checked | None:
    # Not the last record whatever it is: one that was planned by a run that had no need of it says nothing.
    last = instance.event_log_storage.get_asset_check_execution_history(key, limit=1, status=ENDED)
    if not last or last[0].event is None or last[0].event.dagster_event is None:
        return None
    return Checked(last[0].event.timestamp, last[0].event.dagster_event.asset_check_evaluation_data.passed)
