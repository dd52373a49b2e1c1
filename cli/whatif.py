"""prodops whatif: the marts as they are and as they would be at other prices, or at other people and rules of cost.

Belongs here: a copy of the warehouse, building it on what is assumed, printing what changes. Does not: what may be
assumed and what it changes (planning), what follows from it (dbt_project): the same models are built.
"""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb

from cli.screen import Table, out, print_table
from cli.show import whose
from ingestion import lease
from ingestion.errors import SettingsError
from orchestration import built, deployment
from orchestration.dbt_process import run_in
from orchestration.versions import PROJECT
from orchestration.warehouse import warehouse_of
from planning import cost_scenarios, price_scenarios
from planning.comparison import Changes, Shown, changed, figures
from serving.published import current


def price(seed: int | None, file: Path, form: str) -> int:
    """Prints what other prices would make of the marts."""
    table = price_scenarios.read(file)
    whose(settled := deployment.settle(seed))
    with copied(settled.home) as copy:
        with duckdb.connect(str(copy / "warehouse.duckdb")) as warehouse:
            before = figures(warehouse, price_scenarios.SHOWN)
            price_scenarios.assume(warehouse, price_scenarios.resolved(table, warehouse))
        build(copy, price_scenarios.SELECTED, [price_scenarios.ASSUMED])
        with duckdb.connect(str(copy / "warehouse.duckdb"), read_only=True) as warehouse:
            changes = changed(before, figures(warehouse, price_scenarios.SHOWN))
    show(price_scenarios.SHOWN, changes, form)
    return 0


def cost(seed: int | None, file: Path, form: str) -> int:
    """Prints what other people, splits, drivers or rules would make of cost."""
    tables = cost_scenarios.read(file)
    whose(settled := deployment.settle(seed))
    refuse_held(settled.home, cost_scenarios.SHOWN)
    with copied(settled.home, with_people=True) as copy:
        with opened(copy) as warehouse:
            before = figures(warehouse, cost_scenarios.SHOWN)
            cost_scenarios.check(tables, warehouse)
            cost_scenarios.assume(warehouse, tables)
        build(copy, cost_scenarios.SELECTED, cost_scenarios.INPUTS)
        with opened(copy) as warehouse:
            changes = changed(before, figures(warehouse, cost_scenarios.SHOWN))
    show(cost_scenarios.SHOWN, changes, form)
    return 0


def refuse_held(home: Path, shown: Shown) -> None:
    """What a check holds back from publishing is not answered from either. Raises ``SettingsError``."""
    served = current(home)
    for mart in shown.marts:
        if served is None or mart not in served.moved:
            held = served.held.get(mart, {}).get("because") if served else None
            reason = held or "it is not published yet"
            raise SettingsError(mart, f"no what-if without figures that may be published: {reason}; prodops run")


@contextmanager
def opened(copy: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The warehouse of a copy with its restricted database."""
    with duckdb.connect(str(copy / "warehouse.duckdb")) as warehouse:
        warehouse.execute(f"attach '{copy}/restricted/people.duckdb' as restricted")
        yield warehouse


@contextmanager
def copied(home: Path, with_people: bool = False) -> Iterator[Path]:
    """A home with nothing in it but a copy of the warehouse, or of the restricted database too; it is gone afterwards,
    whatever was built there."""
    file, build = warehouse_of(home), built.last()
    if build is None or build.due or build.code != built.now().code:
        raise SettingsError(str(file), "was built by other models, or not to its end: prodops build")
    copy = home / "whatif"
    with lease.hold(home, "prodops whatif", name="whatif.lease"):
        shutil.rmtree(copy, ignore_errors=True)  # of one that was killed
        try:
            for part in ("restricted/spill", "logs"):
                (copy / part).mkdir(parents=True)
            with lease.hold(home, "prodops whatif"):  # nobody writes meanwhile
                for original in (file, *([home / "restricted" / "people.duckdb"] if with_people else [])):
                    for path in (original, original.with_name(f"{original.name}.wal")):
                        if path.exists():
                            shutil.copyfile(path, copy / path.relative_to(home))
            yield copy
        finally:
            shutil.rmtree(copy, ignore_errors=True)


def build(copy: Path, selected: Sequence[str], excluded: Sequence[str]) -> None:
    """Builds again what follows from what is assumed. Raises ``BuildError``."""
    dbt(copy, "run", "--select", *selected, "--exclude", *excluded)


def dbt(copy: Path, *command: str) -> None:
    """Runs dbt on the copy, with the models of a what-if. Raises ``BuildError``."""
    run_in(copy, target_of(copy), PROJECT, [*command, "--vars", "what_if: true"])


def target_of(copy: Path) -> Path:
    """dbt's target folder of what-ifs. It stays: to parse the project with another variable takes dbt 12 CPU-s."""
    return copy.parent / "dbt" / "what_if"


def show(shown: Shown, changes: Changes, form: str) -> None:
    """As rows, or for people as a table of the newest period in which anything changes."""
    if form != "text":
        table = Table("changes", "what changes", ("mart", *shown.key, "measure", "before", "after"))
        for key, values in changes.items():
            table.add((*key, *values))
        print_table(table, form)
    elif changes:
        print_table(_newest(shown, changes), form)
        out().print(f"{shown.note} All periods and measures: --format csv")
    else:
        out().print("nothing changes")


def _newest(shown: Shown, changes: Changes) -> Table:
    newest = max(key[1] for key in changes)
    columns = (*shown.key[1:], "measure", "before", "after", "change")
    table = Table("changes", f"{newest}: what changes", columns, words=len(shown.key))
    for (mart, period, *place, measure), values in sorted(changes.items(), key=lambda change: change[0][2:]):
        if period == newest and measure in shown.marts[mart]:
            before, after = values
            change = None if before is None or after is None else after - before
            shown_values = ("-" if value is None else f"{value:,.2f}" for value in values)
            line = (*place, measure, *shown_values, "-" if change is None else f"{change:+,.2f}")
            table.add((*place, measure, before, after, change), *line)
    return table
