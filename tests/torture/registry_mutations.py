"""Every proof, reconciliation and control, broken by one changed row, by the gate's own registries.

Belongs here: checks that are no tests of dbt, on a copy of a home. Does not: tests of dbt (check_mutations.py),
expectations (expectation_mutations.py).
"""

import os
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import duckdb

from ingestion import sql
from ingestion.sources import SOURCES
from orchestration import gate, manifest
from quality.controls import CONTROLS, results
from quality.disclosure_published import audit_published, described
from quality.proof import EXACT, PROVEN, proofs
from quality.reconciliation import landed_is_staged
from tests import in_process_dbt
from tests.orchestration.conftest import behind
from tests.torture.check_mutations import Change, Outcome, both, marts_among, place_of

MADE_UP = "made up"
COMPARED = {
    "amplitude": "int_usage_controls_compared",
    "bamboohr": "int_staff_controls_compared",
    "jira": "int_delivery_controls_compared",
    "quickbooks": "int_ledger_controls_compared",
    "stripe": "int_billing_controls_compared",
}
"""Where the controls of a source are compared, by row."""


def proofs_mutated(home: Path) -> list[Outcome]:
    """Every one of them but expectations; one of a kind that is not broken here has survived. ``home`` is a copy: its
    files are changed."""
    os.environ["PRODOPS_HOME"] = str(home)
    found = [*reconciled(home / "warehouse.duckdb"), *contradicted(home), *staged(home), *unpaid(home)]
    every = (gate.beside_dbt() - gate.expectations().keys()) | gate.controls()
    unbroken = {manifest.on_asset(key) for key in every} - {one.check for one in found}
    return found + [Outcome(name, "of no kind that is broken here", None) for name in sorted(unbroken)]


def staged(home: Path) -> Iterator[Outcome]:
    """Of each stream a record is lost between landing and staging; of one without any, a record is made up."""
    changes = {}
    with both(home) as built:
        for source in SOURCES.values():
            for stream in source.streams:
                database = "restricted" if stream.is_restricted else "warehouse"
                place = f"{database}.staging.{sql.name(f'base_{source.name}__{stream.name}')}"
                key = "project_id || '/' || uuid" if stream.is_events else "record_id"
                live = "uuid is not null" if stream.is_events else "not is_deleted"
                lost = built.execute(f"select min({key}) from {place} where {live}").fetchall()[0][0]
                statement = f"delete from {place} where {key} = {sql.text(str(lost))}"
                if lost is None:
                    statement = f"insert into {place} (record_id, is_deleted) values ('{MADE_UP}', false)"
                built.execute(statement)
                changes[source.name, stream.name] = (lost, Change(place, statement, "", is_made_up=lost is None))
    for source in SOURCES.values():
        counts = landed_is_staged(home / "warehouse.duckdb", source.name, source.streams, {})
        for stream, count in zip(source.streams, counts, strict=True):
            lost, change = changes[source.name, stream.name]
            key = gate.proof(source.name, stream)
            named = {*count.missing, *count.extra, *count.differing}
            above = behind({manifest.source_id(count.source, count.stream)})
            yield _outcome(key, "landed is staged", None if count.ties else change, (lost or MADE_UP) in named, above)


def reconciled(warehouse: Path) -> Iterator[Outcome]:
    """Of each mart a measure of one row is one more than what it is summed from. Where a mart is compared as it is
    built alone, the comparison of one period finds one more, as a build would have it (proof_mutations.py builds it).
    """
    for mart in PROVEN:
        key = gate.reconciliation(mart)
        root = gate.COSTS if mart == "mart_product_cost" else dg.AssetKey(["marts", mart])
        above = behind({one for one, asset in manifest.assets().items() if asset == root})
        red = (one for one in more_than_controls(warehouse, mart) if one)
        change, is_named = next(red, (None, True))
        yield _outcome(key, "is its control", change, is_named, above)


def more_than_controls(warehouse: Path, mart: str) -> Iterator[tuple[Change, bool] | None]:
    """Changes of a mart, each undone before the next, with whether its proof names the period; None where it stays
    green."""
    info = next(one.info for one in manifest.marts() if one.name == mart)
    tried = [
        (f"marts.{mart}", f"{measure} = {measure} + 1", f"{measure} <> 0")
        for measure in info.measures
        if "fiscal_period" in info.columns
    ]
    compared = f"mart_name = '{mart}' and {EXACT}"
    tried.append(("marts.mart_reconciliation", "difference = difference + 1, status = 'differs'", compared))
    for place, values, where in tried:
        row = f"rowid = (select min(rowid) from {place} where {where})"
        with duckdb.connect(str(warehouse)) as built:
            before = built.execute(f"select fiscal_period from {place} where {row}").fetchall()
            if not before:
                continue
            built.execute(f"create table marts.kept as from {place}")
            built.execute(f"update {place} set {values} where {row}")
        red = next(one for one in proofs(warehouse) if one.mart == mart)
        with duckdb.connect(str(warehouse)) as built:
            built.execute(f"create or replace table {place} as from marts.kept; drop table marts.kept")
        change = Change(place, f"update {place} set {values} where {row}", "")
        yield None if red.is_green else (change, before[0][0] in red.text)


def contradicted(home: Path) -> Iterator[Outcome]:
    """Of each control the vendor says something else of one thing; where it says nothing, of one that is made up."""
    warehouse = home / "warehouse.duckdb"
    red_before = {one.control for one in results(warehouse) if not one.is_green}
    changes = {}
    with both(home) as built:
        for control in CONTROLS:
            place = place_of(f"model.prodops.{COMPARED[control.source]}")
            of_control = f"from {place} where control_id = '{control.id}'"
            ((thing,),) = built.execute(f"select min(object_id) {of_control}").fetchall()
            row = f"rowid = (select min(rowid) {of_control} and object_id = {sql.text(str(thing))})"
            statement = f"update {place} set is_agreed = false where {row}"
            if thing is None:
                values = f"'{control.id}', '{MADE_UP}', '', false"
                statement = f"insert into {place} (control_id, object_id, object_part, is_agreed) values ({values})"
            built.execute(statement)
            changes[control] = (thing or MADE_UP, Change(place, statement, "", is_made_up=thing is None))
    done = in_process_dbt.dbt(home, "run", "--select", "mart_data_health")
    assert done.success, done.exception
    for one in results(warehouse):
        thing, change = changes[one.control]
        is_restricted = "restricted" in change.place
        is_red = not one.is_green and one.control not in red_before
        is_named = is_restricted != (thing in one.text)
        yield Outcome(
            manifest.on_asset(gate.control(one.control)),
            "what the vendor says",
            change if is_red else None,
            is_named,
            is_restricted,
        )


def unpaid(home: Path) -> Iterator[Outcome]:
    """In each model that leaves the restricted database, one amount is a bit more than standard rates make it."""
    changes = {}
    for model in manifest.leaving().values():
        amount = next(iter(model["config"]["meta"]["amounts"]))
        place = f"{model['database']}.{model['schema']}.{model['alias']}"
        row = f"rowid = (select min(rowid) from {place} where {amount} > 0)"
        changes[model["name"]] = Change(place, f"update {place} set {amount} = {amount} + 100 where {row}", "")
    with both(home) as built:
        for change in changes.values():
            built.execute(change.statement)
    audit = audit_published(home, [described(model) for model in manifest.leaving().values()])
    for mart, models in gate.with_cost().items():
        texts = [text for model in models for text in audit.problems.get(model, ())]
        above = behind({one for one, asset in manifest.assets().items() if asset == mart})
        change = changes[models[0]] if texts else None
        is_named = any(model in text for model in models for text in texts)
        yield _outcome(dg.AssetCheckKey(mart, gate.PAY), "nobody's pay", change, is_named, above)


def _outcome(key: dg.AssetCheckKey, kind: str, change: Change | None, is_named: bool, above: set[str]) -> Outcome:
    wrong = set(gate.held_by(key, gate.RED)) ^ marts_among(above)
    return Outcome(manifest.on_asset(key), kind, change, is_named, wrong_marts=tuple(sorted(wrong)))
