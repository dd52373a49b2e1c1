"""A figure as it would be if only some of what changed since had changed.

Belongs here: homes of their own that hold then's inputs and the changes of some causes, building one mart there,
reading the figure. Does not: which rows are of which cause (causes.py), running dbt (the caller does), the shares
(attribution.py).

No model reads a clock: the day is landed, so each of these homes stands at the day of its data. The first home of a
project is built whole; with other inputs only what follows from them is built again, in a copy of it. What is
restricted lies in the homes too, and they in the restricted folder.
"""

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import duckdb

from ingestion.errors import ProdopsError
from ingestion.home import private_files
from serving.causes import Cause, Composed, write

Build = Callable[[Path, Path, Sequence[str]], None]
"""Runs dbt in a home, with a project, by its arguments."""
OF_CODE = frozenset([Cause.DEFINITION, Cause.CODE])
"""Causes that are another project."""


class ReplayError(ProdopsError):
    """The figure can't be made again."""

    exit_code = 1


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of a mart: ``query`` reads it from ``{table}``, with values for its parameters. ``nothing``: what it
    is where there is no row; None where that is no number."""

    mart: str
    query: str
    values: Mapping[str, object]
    nothing: Decimal | None = Decimal(0)

    def read(self, connection: duckdb.DuckDBPyConnection, table: str) -> Decimal | None:
        """None where there is no row, or none with a value."""
        row = connection.execute(self.query.format(table=table), dict(self.values)).fetchone()
        if row is None or row[0] is None:
            return None
        return Decimal(repr(row[0])) if isinstance(row[0], float) else Decimal(row[0])


@dataclass
class Replays:
    """Homes below ``folder``. ``projects``: the dbt project for each set of the causes that change it."""

    folder: Path
    streams: Sequence[Composed]
    projects: Mapping[frozenset[Cause], Path]
    figure: Figure
    build: Build
    _bases: dict[Path, Path] = field(default_factory=dict)

    def value(self, causes: frozenset[Cause]) -> Decimal:
        """The figure where these causes are counted in and no others. Raises ``ReplayError`` where it has none."""
        found = self._value(causes)
        found = self.figure.nothing if found is None else found
        if found is None:
            which = f"with {', '.join(sorted(causes))} alone" if causes else "as it was"
            raise ReplayError(f"{self.figure.mart}: {which} the figure has no value, so that its change can't be split")
        return found

    def _value(self, causes: frozenset[Cause]) -> Decimal | None:
        project = self.projects[causes & frozenset(one for known in self.projects for one in known)]
        base = self._base(project)
        changed = [one for one in self.streams if one.causes & causes]
        if not changed:
            return self._read(base)
        home = self.folder / "some"
        with private_files():
            shutil.copytree(base, home)
            write(home, changed, causes)
        below = [f"source:{one.source}.{one.stream.name}+,+{self.figure.mart}" for one in changed]
        self.build(home, project, ["run", "--full-refresh", "--select", *below])
        found = self._read(home)
        shutil.rmtree(home)
        return found

    def _base(self, project: Path) -> Path:
        if project not in self._bases:
            home = self.folder / f"base-{len(self._bases)}"
            with private_files():
                for name in ("restricted/spill", "logs"):
                    (home / name).mkdir(parents=True)
                write(home, self.streams, ())
            kinds = ["--resource-type", "model", "--resource-type", "seed"]
            self.build(home, project, ["build", *kinds, "--select", f"+{self.figure.mart}"])
            self._bases[project] = home
        return self._bases[project]

    def _read(self, home: Path) -> Decimal | None:
        with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as warehouse:
            return self.figure.read(warehouse, f"marts.{self.figure.mart}")
