"""prodops whatif: the marts as they are and as they would be at other prices.

Belongs here: a copy of the warehouse, building it on what is assumed, printing what changes. Does not: what may be
assumed and what it changes (planning), what follows from it (dbt_project): the same models are built.
"""

import csv
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
from rich.table import Table

from cli.show import out, whose
from ingestion import lease
from ingestion.errors import SettingsError
from orchestration import built, deployment
from orchestration.dbt_process import BuildError, problems_of
from orchestration.versions import PROJECT
from planning import price_scenarios
from planning.price_scenarios import KEY, MARTS, Changes


def price(seed: int | None, file: Path, form: str) -> int:
    """Prints what other prices would make of the marts."""
    table = price_scenarios.read(file)
    whose(settled := deployment.settle(seed))
    with copied(settled.home) as copy:
        with duckdb.connect(str(copy / "warehouse.duckdb")) as warehouse:
            before = price_scenarios.figures(warehouse)
            price_scenarios.assume(warehouse, price_scenarios.resolved(table, warehouse))
        build(copy)
        with duckdb.connect(str(copy / "warehouse.duckdb"), read_only=True) as warehouse:
            changes = price_scenarios.changed(before, price_scenarios.figures(warehouse))
    show(changes, form)
    return 0


@contextmanager
def copied(home: Path) -> Iterator[Path]:
    """A home with nothing in it but a copy of the warehouse; it is gone afterwards, whatever was built there."""
    file, build = home / "warehouse.duckdb", built.last()
    if not file.exists():
        raise SettingsError(str(file), "the warehouse is not built yet: prodops run")
    if build is None or build.due or build.code != built.now().code:
        raise SettingsError(str(file), "was built by other models, or not to its end: prodops build")
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


def build(copy: Path) -> None:
    """Builds again what depends on prices, with those that are assumed. Raises ``BuildError``."""
    model = price_scenarios.ASSUMED
    dbt(copy, "run", "--select", *(f"{model}+,+{mart}" for mart in MARTS), "--exclude", model)


def dbt(copy: Path, *command: str) -> None:
    """Runs dbt on the copy, with the models of a what-if. Raises ``BuildError``."""
    target = target_of(copy)
    child = [sys.executable, "-P", "-m", "orchestration.dbt_child", str(os.getpid()), *command]
    places = ["--project-dir", PROJECT, "--profiles-dir", PROJECT, "--target-path", target, "--log-path", copy / "logs"]
    done = subprocess.run(
        list(map(str, [*child, "--quiet", "--vars", "what_if: true", *places])),
        env={**os.environ, "PRODOPS_HOME": str(copy)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise BuildError("\n".join(problems_of(target / "run_results.json", done.stdout + done.stderr)))


def target_of(copy: Path) -> Path:
    """dbt's target folder of what-ifs. It stays: to parse the project with another variable takes dbt 12 CPU-s."""
    return copy.parent / "dbt" / "what_if"


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
        if period == newest and measure in MARTS[mart]:
            table.add_row(*place, measure, *("-" if value is None else f"{value:,.2f}" for value in values))
    out().print(table)
    out().print("Only prices change: who would come or leave is not asked. All periods and measures: --format csv")
