"""Who answers for what is wrong, and what to do next.

Belongs here: owner and next step of what the gate finds, and all of it as a table for Dagster. Does not: finding it
(gate.py), the list itself (serving/failures.py).
"""

from collections.abc import Iterable

import dagster as dg
from dagster import AssetCheckKey, AssetKey

from orchestration import manifest
from serving.failures import Failure

AGAIN = "prodops run"
TO_READ = f"prodops doctor asks the source again and says what to mend; then {AGAIN}"
TO_BUILD = f"mend what it says, or the model; then {AGAIN}"
TO_TEST = f"mend the rows that Dagster names on the check where they come from, or the rule; then {AGAIN}"
TO_STAGE = "prodops rebuild stages all that landed again"
TO_EXPECT = f"mend in the source what Dagster names on the check, or the bound; then {AGAIN}"
TO_RECONCILE = f"docs/metrics/reconciliation.md says how to find what differs; then {AGAIN}"
TO_WITHHOLD = "docs/metrics/disclosure.md says what is withheld; nothing that others may see changes until then"


def of_group(group: str) -> str:
    """The owner of a group of models, as ``name <address>``."""
    owner = manifest.content()["groups"][f"group.prodops.{group}"]["owner"]
    return f"{owner['name']} <{owner['email']}>"


def of_source(source: str) -> str:
    """The owner of what lands of a source."""
    return of_group(f"{source}_staging")


def of_asset(key: AssetKey) -> str:
    """The owner of a model, or of a result that Python computes."""
    for one, made in manifest.assets().items():
        if made == key:
            return of_group(manifest.models()[one]["config"]["group"])
    return of_source(key.path[0])


def of_mart(mart: str) -> str:
    """The owner of a mart, by its name."""
    return of_asset(dg.AssetKey(["marts", mart]))


def after(key: AssetKey | AssetCheckKey, *, is_cause: bool) -> str:
    """What to do about a model that is not built or a test of dbt that is red; where neither went wrong by itself, to
    build what is due."""
    if not is_cause:
        return AGAIN
    return TO_TEST if isinstance(key, AssetCheckKey) else TO_BUILD


def listed(failures: Iterable[Failure]) -> dg.TableMetadataValue:
    """All that went wrong, as a table in the UI."""
    columns = ("what", "about", "problem", "since", "owner", "next step", "holds back")
    schema = dg.TableSchema([dg.TableColumn(name) for name in columns])
    rows = [
        (one.check, one.asset, one.problem, one.since, one.owner, one.next_step, ", ".join(one.marts))
        for one in failures
    ]
    return dg.MetadataValue.table([dg.TableRecord(dict(zip(columns, row, strict=True))) for row in rows], schema)
