"""A figure as it would be if only some of what changed since had changed.

Belongs here: homes of their own that hold then's inputs and the changes of some causes, building there what makes the
figure, reading it. Does not: which rows are of which cause (causes.py), what makes it (lineage.py), running dbt (the
caller does), the shares (attribution.py).

No model reads a clock: the day is landed, so each of these homes stands at the day of its data. The first home of a
project is built whole; with other inputs only what follows from them is built again, in a copy of it. What is
restricted lies in the homes too, and they in the restricted folder.
"""

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import duckdb

from ingestion import sql
from ingestion.errors import ProdopsError
from ingestion.home import private_files
from quality import disclosure_records
from serving.causes import Cause, Composed, write
from serving.lineage import Lineage
from serving.published import MARTS

Build = Callable[[Path, Path, Sequence[str]], None]
"""Runs dbt in a home, with a project, by its arguments."""


class ReplayError(ProdopsError):
    """The figure can't be made again."""

    exit_code = 1


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of a mart: ``query`` reads it from ``{table}``, with values for its parameters. ``nothing``: what it
    is where there is no row; None where that is no number. ``made_of``: of a table that many marts go into those that
    this number is made of, none where it is made of all."""

    mart: str
    query: str
    values: Mapping[str, object]
    nothing: Decimal | None = Decimal(0)
    made_of: tuple[str, ...] = ()

    def read(self, connection: duckdb.DuckDBPyConnection, table: str) -> Decimal | None:
        """None where there is no row, or none with a value."""
        row = connection.execute(self.query.format(table=table), dict(self.values)).fetchone()
        if row is None or row[0] is None:
            return None
        return Decimal(repr(row[0])) if isinstance(row[0], float) else Decimal(row[0])


@dataclass(frozen=True, slots=True)
class Project:
    """A dbt project, and what of it makes the figure."""

    folder: Path
    lineage: Lineage


@dataclass
class Replays:
    """Homes below ``folder``, of what landed in ``home``. ``projects``: that of each set of the causes that are another
    project."""

    home: Path
    folder: Path
    streams: Sequence[Composed]
    projects: Mapping[frozenset[Cause], Project]
    figure: Figure
    build: Build
    _bases: dict[Path, Path] = field(default_factory=dict)

    def value(self, causes: frozenset[Cause]) -> Decimal:
        """The figure where these causes are counted in and no others. Raises ``ReplayError`` where it has none."""
        with self.built(causes) as home:
            found = read(home, self.figure) if home else None
        found = self.figure.nothing if found is None else found
        if found is None:
            which = f"with {', '.join(sorted(causes))} alone" if causes else "as it was"
            raise ReplayError(f"{self.figure.mart}: {which} the figure has no value, so that its change can't be split")
        return found

    @contextmanager
    def built(self, causes: frozenset[Cause]) -> Iterator[Path | None]:
        """The home where these causes are counted in and no others; None where its project has no such mart."""
        project = self.projects[causes & frozenset(one for known in self.projects for one in known)]
        if not project.lineage.models:
            yield None
            return
        base = self._base(project)
        changed = [one for one in self.streams if one.causes & causes]
        models = project.lineage.below(one.name for one in changed)
        home = self.folder / "some" if models else base
        if models:
            with private_files():
                shutil.copytree(base, home)
                write(home, changed, causes)
            self.build(home, project.folder, ["run", "--full-refresh", "--select", *models])
        if causes:
            refuse_disclosure(home, project.lineage)
        yield home
        if models:
            shutil.rmtree(home)

    def _base(self, project: Project) -> Path:
        if project.folder not in self._bases:
            home = self.folder / f"base-{len(self._bases)}"
            with private_files():
                for name in ("restricted/spill", "logs"):
                    (home / name).mkdir(parents=True)
                if (versions := self.home / disclosure_records.FOLDER).exists():
                    shutil.copytree(versions, home / disclosure_records.FOLDER)
                write(home, self.streams, ())
                _stand_empty(home / "warehouse.duckdb", project.lineage.empty)
            kinds = ["--resource-type", "model", "--resource-type", "seed"]
            self.build(home, project.folder, ["build", *kinds, "--select", *sorted(project.lineage.models)])
            self._bases[project.folder] = home
        return self._bases[project.folder]


def read(home: Path, figure: Figure) -> Decimal | None:
    """The figure as it was built in a home."""
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as warehouse:
        return figure.read(warehouse, f"{MARTS}.{figure.mart}")


def refuse_disclosure(home: Path, lineage: Lineage) -> None:
    """A figure with cost of people is shown under some causes only if that and all that was published reveal nobody's
    pay: more is said of it than by then and now. Raises ``ReplayError``."""
    if not lineage.leaving:
        return
    from quality.disclosure_published import audit_published, described  # the solver takes half a second to import

    audit = audit_published(home, [described(one) for one in lineage.leaving])
    if audit.problems:
        raise ReplayError(
            "the shares of these causes together with what is published would reveal somebody's pay, so they are not "
            "shown; ask for a figure without cost of people, or of a larger slice"
        )


def _stand_empty(warehouse: Path, marts: Mapping[str, Mapping[str, str]]) -> None:
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(f"create schema {MARTS}")
        for mart, columns in marts.items():
            typed = ", ".join(f"{sql.name(name)} {kind}" for name, kind in columns.items())
            connection.execute(f"create table {MARTS}.{sql.name(mart)} ({typed})")
