"""All that went wrong and keeps published rows from moving, in one list: the table ``failures`` of a snapshot.

Belongs here: what the list says of each failure, and since when. Does not: finding failures (orchestration), which
marts may move (publish.py).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import duckdb

from ingestion import sql

PLACE = "listed.main.failures"
COLUMNS = {
    "check_name": ("varchar", "What went wrong: a test, a proof, building a model (built), reading a source (read)."),
    "asset": ("varchar", "What it is about: a model, or a source."),
    "problem": ("varchar", "What it says."),
    "failing_since": ("timestamp", "When it went wrong first, UTC."),
    "owner": ("varchar", "Who answers for it."),
    "next_step": ("varchar", "What to do about it."),
    "mart": ("varchar", "A mart that it holds back; null where it holds back none."),
    "rows_of": ("varchar", "The snapshot whose rows the mart still shows; null where none has any."),
}
"""Type and comment of each column, in the table's order."""
COMMENTS = {name: comment for name, (_, comment) in COLUMNS.items()}
COMMENT = "One row per failure and mart that it holds back. Empty where every mart shows the rows of this snapshot."

NAMED = 4
"""So many are named in a line; the rest is a number."""


@dataclass(frozen=True, slots=True)
class Check:
    """One blocking check as the gate found it. ``holds``: the marts that it holds back where it did not pass, None for
    all. ``is_cause``: it went wrong by itself, where others only never ran. ``since``: when, where that is known (ISO,
    UTC); ``owner``, ``next_step``: who mends it, and how."""

    name: str
    on: str
    passed: bool
    problem: str | None = None
    holds: tuple[str, ...] | None = None
    is_cause: bool = False
    since: str | None = None
    owner: str = ""
    next_step: str = ""

    def __str__(self) -> str:
        return f"{self.name} on {self.on} {self.problem}"


@dataclass(frozen=True, slots=True)
class Failure:
    """One thing that is wrong, with all marts that it holds back. ``since`` is ISO, UTC."""

    check: str
    asset: str
    problem: str
    since: str
    owner: str
    next_step: str
    marts: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.check} on {self.asset} {self.problem}"


def listed(checks: Sequence[Check], marts: Collection[str], before: Sequence[Failure], at: datetime) -> list[Failure]:
    """The failures among these checks: what went wrong by itself; then in one line what did not run, as far as it holds
    back marts that nothing else holds back. ``before``: the failures of the last snapshot, which know since when."""
    red = [one for one in checks if not one.passed]
    causes = [one for one in red if one.is_cause]
    explained = {mart for one in causes for mart in held(one, marts)}
    late = [one for one in red if not one.is_cause and held(one, marts) - explained]
    if len(late) > 1:
        waiting = {mart for one in late for mart in held(one, marts)}
        others = f"{late[0].problem}, and so are {len(late) - 1} others"
        late = [replace(late[0], problem=others, holds=tuple(waiting))]
    since = {(one.check, one.asset): one.since for one in before}
    return [
        Failure(
            one.name,
            one.on,
            one.problem or "",
            one.since or since.get((one.name, one.on), at.isoformat()),
            one.owner,
            one.next_step,
            tuple(sorted(held(one, marts))),
        )
        for one in [*causes, *late]
    ]


def in_words(found: Iterable[Check | Failure]) -> str:
    """Each once, and a few of many."""
    said = [*dict.fromkeys(map(str, found))]
    more = f"; and {len(said) - NAMED} more" if len(said) > NAMED else ""
    return "; ".join(said[:NAMED]) + more


def held(check: Check, marts: Collection[str]) -> set[str]:
    """Which of the marts a check holds back that did not pass."""
    return {mart for mart in marts if check.holds is None or mart in check.holds}


def write(
    connection: duckdb.DuckDBPyConnection,
    file: Path,
    found: Sequence[Failure],
    rows_of: Mapping[str, str | None],
    comments: str,
) -> None:
    """Puts the table into a file of marts. ``rows_of``: by mart that is held back the snapshot whose rows it shows;
    ``comments``: the statements that put comments on ``PLACE``."""
    connection.execute(f"attach {sql.text(file)} as listed")
    table = PLACE
    connection.execute(f"create table {table} ({', '.join(f'{name} {kind}' for name, (kind, _) in COLUMNS.items())})")
    for one in found:
        known = (one.check, one.asset, one.problem, one.since, one.owner, one.next_step)
        for mart in one.marts or (None,):
            values = [*known, mart, rows_of.get(mart) if mart else None]
            connection.execute(f"insert into {table} values ({', '.join('?' * len(COLUMNS))})", values)
    connection.execute(comments)
    connection.execute("detach listed")
