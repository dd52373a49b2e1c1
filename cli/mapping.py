"""prodops mapping: what nobody mapped, as a table to read or as rows to paste.

Belongs here: reading the warehouse, printing. Does not: finding gaps and suggesting (quality/mapping.py).
"""

import csv
import sys
from collections.abc import Sequence

import duckdb

from cli.screen import Table, note, out, print_tables
from cli.show import whose
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
    elif found or form == "json":
        by_file = {one: [gap for gap in found if gap.map_file == one] for one in MAPS if map_file in (None, one)}
        print_tables((_table(one, gaps) for one, gaps in by_file.items() if gaps or form == "json"), form)
        if form == "text":
            out().print("rows to complete and paste: prodops mapping FILE --format csv")
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
        note(f"{left} keys that a spreadsheet would take for formulas are left out; map them by prefix")


def _table(map_file: str, found: Sequence[Gap]) -> Table:
    """What has no row in one file."""
    columns = ("source", "object_type", "key", "name", "uses", "unmapped", "use_kind", "amount", "currency")
    currency = found[0].currency if found else ""
    heads = ("source", "key", "name", f"at stake (money is about, in {currency})", "suggested")
    title = f"{map_file}: what has no row"
    table = Table(map_file, title, (*columns, "suggested_id", "suggested_name"), heads, words=len(heads))
    for gap in found:
        key = gap.key if gap.key is not None else f"none: name a {gap.object_type} in {gap.source}"
        hint = (gap.suggestion.id, gap.suggestion.name) if gap.suggestion else (None, None)
        table.add(
            (*(getattr(gap, column) for column in columns), *hint),
            f"{gap.source} {gap.object_type}",
            key,
            gap.name if gap.name and gap.name != gap.key else "",
            _stake(gap),
            f"{hint[0]} ({hint[1]})" if gap.suggestion else "-",
        )
    return table


def _stake(gap: Gap) -> str:
    share = f"{gap.unmapped:,} of {gap.uses:,} {gap.use_kind}"
    if gap.use_kind in ("events", "issues", "people"):
        return share
    return f"{gap.amount:,.0f} in {share}" if gap.amount is not None else f"? (no rate) in {share}"
