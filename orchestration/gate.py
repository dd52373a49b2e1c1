"""May the marts be published?

Belongs here: what the Dagster instance knows of every blocking check, turned into one answer. Does not: the checks
themselves (dbt_project, defs/checks.py), publishing (serving).

dbt's tests stop nothing outside their own dbt run and a schedule may publish in a run of its own: so the gate asks the
instance and trusts no run. A check must have passed after the last build of what it is about, and that build must have
ended green as a whole: a build that broke in the middle leaves new models beside old ones.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import dagster as dg
from dagster import AssetCheckKey, AssetKey, DagsterInstance

from serving.publish import Check


@dataclass(frozen=True, slots=True)
class Built:
    """The last materialization of an asset; ``ended_well`` is about the whole build it was part of."""

    at: float
    ended_well: bool


@dataclass(frozen=True, slots=True)
class Checked:
    """The last evaluation of a check; None as outcome where it was planned and never came."""

    at: float
    passed: bool | None


def judge(
    checks: Iterable[tuple[str, str]], checked: Mapping[tuple[str, str], Checked], built: Mapping[str, Built | None]
) -> list[Check]:
    """One verdict per blocking check (name, asset) and one per asset that was built badly or not at all."""
    verdicts = []
    for asset, build in built.items():
        if build is None:
            verdicts.append(Check("built", asset, False, "was never built"))
        elif not build.ended_well:
            verdicts.append(Check("built", asset, False, "the build that wrote it did not end well"))
    for name, asset in checks:
        found, build = checked.get((name, asset)), built.get(asset)
        if found is None or found.passed is None:
            problem = "never ran to its end"
        elif not found.passed:
            problem = "is red"
        elif build is not None and found.at < build.at:
            problem = "is older than the last build"
        else:
            problem = None
        verdicts.append(Check(name, asset, problem is None, problem))
    return verdicts


def verdicts(
    instance: DagsterInstance, build_step: str, built_keys: Iterable[AssetKey], blocking: Iterable[AssetCheckKey]
) -> list[Check]:
    """Asks the instance about every asset that ``build_step`` builds and every blocking check on them."""
    keys, checks = sorted(built_keys), sorted(blocking)
    steps: dict[str, bool] = {}

    def ended_well(run_id: str) -> bool:
        if run_id not in steps:
            stats = instance.get_run_step_stats(run_id, [build_step])
            steps[run_id] = any(found.status is not None and found.status.value == "SUCCESS" for found in stats)
        return steps[run_id]

    built: dict[str, Built | None] = {key.to_user_string(): None for key in keys}
    for key, event in instance.get_latest_materialization_events(keys).items():
        if event is not None:
            built[key.to_user_string()] = Built(event.timestamp, ended_well(event.run_id))
    checked = {(key.name, key.asset_key.to_user_string()): _checked(instance, key) for key in checks}
    return judge(checked, checked, built)


def _checked(instance: DagsterInstance, key: AssetCheckKey) -> Checked:
    record = instance.event_log_storage.get_latest_asset_check_execution_by_key([key]).get(key)
    if record is None or record.event is None or record.event.dagster_event is None:
        return Checked(0.0, None)
    event = record.event.dagster_event
    if event.event_type != dg.DagsterEventType.ASSET_CHECK_EVALUATION:
        return Checked(record.event.timestamp, None)
    return Checked(record.event.timestamp, event.asset_check_evaluation_data.passed)
