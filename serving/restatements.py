"""Restatements: figures of periods that were published as closed, and would now be others.

Belongs here: finding them, keeping which were accepted. Does not: holding a mart back (publish.py), closing a period
(the books' own closing date, which marts show as ``is_closed``).

Until a period closes its figures are estimates and may change with every load. From then on they are final: what
changes one opens a restatement, and the mart keeps its published rows until a person accepts the change. Only published
figures are compared, so that a restatement shows no more than they do.
"""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path

import duckdb

from ingestion import sql
from ingestion.errors import ProdopsError
from serving.comments import MartInfo
from serving.failures import Check
from serving.published import MARTS, Snapshot, folder, write_beside

FILE = "restatements.json"
"""Beside the snapshots, a row each; DuckDB reads it with read_json."""
CHECK = "closed_periods_are_as_published"
SHOWN = 3


class RestatementError(ProdopsError):
    """There is nothing to accept."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class Restatement:
    """One figure: a measure of a product in a closed period, summed over all else. ``before`` is what is published,
    ``after`` what would be; None where there is no figure."""

    mart: str
    fiscal_period: str
    product_id: str
    measure: str
    before: str | None
    after: str | None
    opened_at: str
    accepted_at: str | None = None

    @property
    def change(self) -> tuple[str | None, ...]:
        """What is accepted: these figures and no others."""
        return self.mart, self.fiscal_period, self.product_id, self.measure, self.before, self.after

    def __str__(self) -> str:
        product = f" of {self.product_id}" if self.product_id else ""
        return f"{self.fiscal_period} {self.measure}{product}: {self.before or 'none'} -> {self.after or 'none'}"


def known(home: Path) -> list[Restatement]:
    """All that were ever accepted, and those that wait."""
    path = folder(home) / FILE
    return [Restatement(**row) for row in json.loads(path.read_text())] if path.exists() else []


def waiting(home: Path) -> list[Restatement]:
    return [one for one in known(home) if one.accepted_at is None]


def found(
    home: Path, warehouse: Path, served: Snapshot | None, marts: Mapping[str, MartInfo], at: datetime
) -> list[Check]:
    """Compares what would be published with what is, keeps what waits for a person, and says which marts it holds back.

    ``marts``: those that may move. A change that was accepted holds nothing back; one that is gone again no longer
    waits.
    """
    before = known(home)
    accepted = {one.change for one in before if one.accepted_at}
    opened = {one.change: one.opened_at for one in before if one.accepted_at is None}
    changes = _changes(warehouse, served, marts, at.isoformat()) if served else ()
    open_now = [
        replace(one, opened_at=opened.get(one.change, one.opened_at)) for one in changes if one.change not in accepted
    ]
    kept = [one for one in before if one.accepted_at or one.mart not in marts] + open_now
    if kept != before:
        _write(home, kept)
    held = sorted({one.mart for one in open_now})
    return [_check(mart, [one for one in open_now if one.mart == mart]) for mart in held]


def accept(home: Path, periods: Collection[str], at: datetime) -> list[Restatement]:
    """Accepts all that waits for these periods, or for any where none is named, as it is now; the next publish shows
    it."""
    rows = known(home)
    there = sorted({one.fiscal_period for one in rows if one.accepted_at is None})
    unknown = sorted({*periods} - {*there})
    if unknown or not there:
        named = ", ".join(unknown) or "any period"
        raise RestatementError(f"no restatement of {named} waits to be accepted; {', '.join(there) or 'none'} does")
    taken = [one for one in rows if one.accepted_at is None and one.fiscal_period in (periods or there)]
    _write(home, [replace(one, accepted_at=at.isoformat()) if one in taken else one for one in rows])
    return taken


def accepted(taken: Collection[Restatement]) -> str:
    """What was accepted, and what to do next."""
    marts = ", ".join(sorted({one.mart for one in taken}))
    named = ", ".join(sorted({one.fiscal_period for one in taken}))
    return f"accepted {len(taken)} figures of {named} in {marts}; prodops run publishes them"


def _check(mart: str, rows: Sequence[Restatement]) -> Check:
    periods = sorted({one.fiscal_period for one in rows})
    named = "; ".join(str(one) for one in rows[:SHOWN]) + (f"; and {len(rows) - SHOWN} more" if rows[SHOWN:] else "")
    problem = f"changes closed periods: {named}. Next: prodops restate accept {' '.join(periods)}, or mend the source"
    return Check(
        CHECK,
        f"{MARTS}/{mart}",
        passed=False,
        problem=problem,
        holds=(mart,),
        is_cause=True,
        next_step=f"prodops restate list says how, prodops restate accept {' '.join(periods)} publishes it",
    )


def _changes(warehouse: Path, served: Snapshot, marts: Mapping[str, MartInfo], at: str) -> Iterator[Restatement]:
    for mart in sorted(served.manifest["marts"].keys() & marts.keys()):
        with duckdb.connect() as connection:
            connection.execute(f"attach {sql.text(served.file_of(mart))} as published (read_only)")
            connection.execute(f"attach {sql.text(warehouse)} as warehouse (read_only)")
            sides = (f"published.main.{sql.name(mart)}", f"warehouse.{MARTS}.{sql.name(mart)}")
            there = [_columns(connection, *side.replace('"', "").split(".")) for side in sides]
            shared = there[0].keys() & there[1].keys()
            if not {"is_closed", "fiscal_period", "currency"} <= shared:
                continue
            product = "coalesce(product_id, '')" if "product_id" in shared else "''"
            measures = [
                one
                for one in marts[mart].measures
                if one in shared and marts[mart].columns[one].additivity == "additive" and "DECIMAL" in there[0][one]
            ]
            for measure in measures:
                summed = [
                    f"select fiscal_period, {product} as product_id, sum({measure}) as figure from {side}"
                    for side in sides
                ]
                closed = f"(select distinct fiscal_period from {sides[0]} where is_closed)"
                rows = connection.execute(
                    f"""
                    select fiscal_period, product_id, before.figure, after.figure
                    from ({summed[0]} where fiscal_period in {closed} group by 1, 2) as before
                    full outer join ({summed[1]} where fiscal_period in {closed} group by 1, 2) as after
                        using (fiscal_period, product_id)
                    where before.figure is distinct from after.figure
                        and (coalesce(before.figure, 0) <> 0 or coalesce(after.figure, 0) <> 0)
                    order by 1, 2
                    """
                ).fetchall()
                for period, product_id, old, new in rows:
                    yield Restatement(mart, period, product_id, measure, _text(old), _text(new), at)


def _columns(connection: duckdb.DuckDBPyConnection, database: str, schema: str, table: str) -> dict[str, str]:
    rows = connection.execute(
        "select column_name, data_type from duckdb_columns() "
        "where (database_name, schema_name, table_name) = (?, ?, ?)",
        [database, schema, table],
    ).fetchall()
    return dict(rows)


def _text(figure: object) -> str | None:
    return None if figure is None else f"{figure:f}"


def _write(home: Path, rows: Sequence[Restatement]) -> None:
    folder(home).mkdir(parents=True, exist_ok=True)
    write_beside(home, FILE, json.dumps([asdict(one) for one in rows], indent=1))
