"""prodops mapping: what nobody mapped, as a table to read or as rows to paste.

Belongs here: reading the warehouse, printing. Does not: finding gaps and suggesting (quality/mapping.py).
"""

import csv
import sys
from collections.abc import Sequence

import duckdb
from rich.table import Table

from cli.show import err, out, whose
from ingestion.errors import LeaseError, SettingsError
from ingestion.sources.files.rows import SHEETS
from orchestration import deployment
from orchestration.deployment import Deployment
from orchestration.warehouse import warehouse_of
from quality.mapping import MAPS, Gap, gaps, rows


def show(seed: int | None, map_file: str | None, form: str) -> int:
    """Prints the gaps of one file, or of all."""
    if map_file is not None and map_file not in MAPS:
        raise SettingsError(map_file, f"no such file of keys; there are {', '.join(MAPS)}")
    if form == "csv" and map_file is None:
        raise SettingsError("--format csv", f"name one file, its columns differ: {', '.join(MAPS)}")
    whose(settled := deployment.settle(seed))
    found = [gap for gap in _gaps(settled) if map_file in (None, gap.map_file)]
    if form == "csv":
        _print_rows(str(map_file), found)
    elif found:
        _print_table(found)
    else:
        out().print("every key is mapped")
    return 0


def _gaps(settled: Deployment) -> list[Gap]:
    file = warehouse_of(settled.home)
    try:
        with duckdb.connect(str(file), read_only=True) as warehouse:
            return gaps(warehouse)
    except duckdb.IOException:
        raise LeaseError("another run is building the warehouse; wait for it to end, then ask again") from None
    except duckdb.CatalogException:
        raise SettingsError(str(file), "was built by an earlier version: prodops rebuild") from None


def _print_rows(map_file: str, found: Sequence[Gap]) -> None:
    reported = list(rows(map_file, found))
    writer = csv.DictWriter(sys.stdout, list(SHEETS[map_file].row.columns()), lineterminator="\n")
    writer.writeheader()
    writer.writerows(reported)
    left = sum(1 for gap in found if gap.key is not None) - len(reported)
    if left:
        err().print(f"note: {left} keys that a spreadsheet would take for formulas are left out; map them by prefix")


def _print_table(found: Sequence[Gap]) -> None:
    for map_file in dict.fromkeys(gap.map_file for gap in found):
        table = Table(title=f"{map_file}: what has no row", title_justify="left")
        for column in ("source", "key", "name"):
            table.add_column(column, overflow="fold")
        table.add_column(f"at stake (money is about, in {found[0].currency})", no_wrap=True)
        table.add_column("suggested", overflow="fold")
        for gap in found:
            if gap.map_file == map_file:
                key = gap.key if gap.key is not None else f"none: name a {gap.object_type} in {gap.source}"
                suggested = f"{gap.suggestion.id} ({gap.suggestion.name})" if gap.suggestion else "-"
                name = gap.name if gap.name and gap.name != gap.key else ""
                table.add_row(f"{gap.source} {gap.object_type}", key, name, _stake(gap), suggested)
        out().print(table)
    out().print("rows to complete and paste: prodops mapping FILE --format csv")


def _stake(gap: Gap) -> str:
    share = f"{gap.unmapped:,} of {gap.uses:,} {gap.use_kind}"
    if gap.use_kind in ("events", "issues", "people"):
        return share
    return f"{gap.amount:,.0f} in {share}" if gap.amount is not None else f"? (no rate) in {share}"
