"""prodops whatif: the marts as they are and as they would be at other prices.

Belongs here: a copy of the warehouse, building it with what is assumed, telling what changed. Does not: what may be
assumed (price_scenarios.py), what follows from it (dbt_project): the same models are built, and nothing is published.
"""

import csv
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
from rich.table import Table

from cli.show import out
from ingestion.errors import SettingsError
from orchestration import deployment, lease
from orchestration.dbt_project import PROJECT, BuildError, fingerprint, problems_of
from planning import price_scenarios

ASSUMED = "intermediate.int_price_scenarios_read"
KEY = ("fiscal_period", "product_id", "segment", "market")
SHOWN = {
    "mart_arr": ("closing_arr",),
    "mart_pricing": ("list_amount", "invoice_amount", "pocket_amount", "unit_price"),
}
Figures = dict[tuple[str, ...], Any]  # by mart, KEY and column
Changes = dict[tuple[str, ...], tuple[Any, Any]]


def price(seed: int | None, file: Path, form: str) -> int:
    """Prints what other prices would make of the marts."""
    table = price_scenarios.read(file)
    settled = deployment.settle(seed)
    with copied(settled.home) as copy:
        before = figures(copy)
        with duckdb.connect(str(copy / "warehouse.duckdb"), read_only=True) as warehouse:
            assumed = price_scenarios.resolved(table, warehouse)
        build(copy, assumed)
        changes = changed(before, figures(copy))
    show(changes, form)
    return 0


@contextmanager
def copied(home: Path) -> Iterator[Path]:
    """A home with nothing in it but a copy of the warehouse; it is gone afterwards, whatever was built there."""
    file, built_by = home / "warehouse.duckdb", home / "dbt" / "built_by"
    if not file.exists():
        raise SettingsError(str(file), "the warehouse is not built yet: prodops run")
    if not built_by.exists() or built_by.read_text() != fingerprint(PROJECT):
        raise SettingsError(str(file), "was built by other models: prodops rebuild")
    copy = home / "whatif"
    with lease.hold(home, "prodops whatif", name="whatif.lease"):
        shutil.rmtree(copy, ignore_errors=True)  # of one that was killed
        try:
            for part in ("restricted/spill", "logs"):
                (copy / part).mkdir(parents=True)
            with lease.hold(home, "prodops whatif"):  # nobody writes meanwhile
                for path in (file, file.with_name(f"{file.name}.wal")):
                    if path.exists():
                        shutil.copyfile(path, copy / path.name)
            yield copy
        finally:
            shutil.rmtree(copy, ignore_errors=True)


def build(copy: Path, assumed: Sequence[Sequence[Any]]) -> None:
    """Builds again what depends on prices, with what is assumed in the place of nothing. Raises ``BuildError``."""
    with duckdb.connect(str(copy / "warehouse.duckdb")) as warehouse:
        warehouse.execute(f"create temp table typed as from {ASSUMED} where false")
        warehouse.executemany(f"insert into typed values ({', '.join('?' * len(assumed[0]))})", assumed)
        warehouse.execute(f"drop view {ASSUMED}")
        warehouse.execute(f"create table {ASSUMED} as from typed")
    model, target = ASSUMED.split(".")[1], copy / "dbt"
    child = [sys.executable, "-P", "-m", "orchestration.dbt_child", str(os.getpid()), "run", "--quiet"]
    places = ["--project-dir", PROJECT, "--profiles-dir", PROJECT, "--target-path", target, "--log-path", copy / "logs"]
    models = ["--select", *(f"{model}+,+{mart}" for mart in SHOWN), "--exclude", model]
    done = subprocess.run(
        list(map(str, [*child, *places, *models])),
        env={**os.environ, "PRODOPS_HOME": str(copy)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise BuildError("\n".join(problems_of(target / "run_results.json", done.stdout + done.stderr)))


def figures(home: Path) -> Figures:
    """What the marts of a warehouse say, column by column."""
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as warehouse:
        return {
            (mart, *(row[name] for name in KEY), column): value
            for mart in SHOWN
            for row in warehouse.execute(f"select * from marts.{mart}").to_arrow_table().to_pylist()
            for column, value in row.items()
        }


def changed(before: Figures, after: Figures) -> Changes:
    return {
        key: (before.get(key), after.get(key)) for key in sorted({*before, *after}) if before.get(key) != after.get(key)
    }


def show(changes: Changes, form: str) -> None:
    """As rows, or as a table of the newest period in which anything changes."""
    if form == "csv":
        _print_rows(changes)
    elif changes:
        _print_table(changes)
    else:
        out().print("nothing changes")


def _print_rows(changes: Changes) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(["mart", *KEY, "measure", "before", "after"])
    writer.writerows([*key, *values] for key, values in changes.items())


def _print_table(changes: Changes) -> None:
    newest = max(key[1] for key in changes)
    table = Table(title=f"{newest}: what changes", title_justify="left")
    for name in (*KEY[1:], "measure"):
        table.add_column(name)
    for name in ("before", "after"):
        table.add_column(name, justify="right")
    for (mart, period, *place, measure), values in sorted(changes.items(), key=lambda change: change[0][2:]):
        if period == newest and measure in SHOWN[mart]:
            table.add_row(*place, measure, *("-" if value is None else f"{value:,.2f}" for value in values))
    out().print(table)
    out().print("Only prices change: who would come or leave is not asked. All periods and measures: --format csv")
