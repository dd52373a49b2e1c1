"""What the last run left for a person to mend, for prodops doctor.

Belongs here: finding it in what loads, dbt and the warehouse recorded. Does not: asking a source (ingestion), what a
run prints when it ends (show.py).
"""

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import duckdb

from ingestion import clock
from ingestion.sources import SOURCES, Finding
from serving import failures, restatements

SHOWN = 3
"""So many records of a stream are named; the rest is a number."""


def left(home: Path) -> Iterator[Finding]:
    """What could not be read, was kept out, could not be built or does not tie, each with what to do."""
    warehouse = home / "warehouse.duckdb"
    if not warehouse.exists():
        return
    yield from _unread()
    yield from _late()
    try:
        with duckdb.connect(str(warehouse), read_only=True) as built:
            yield from _kept_out(built)
            yield from _untied(built)
    except duckdb.IOException:
        yield Finding(
            True, "another run is building the warehouse; what the last one kept out is not known until it ends"
        )
    yield from _restated(home)
    yield from _failed()


def _unread() -> Iterator[Finding]:
    """What the newest load of each stream had to say."""
    import dagster as dg  # takes two seconds to import, as does what the next line needs

    from orchestration import steps

    keys = [dg.AssetKey([source.name, stream.name]) for source in SOURCES.values() for stream in source.streams]
    with steps.instance() as instance:
        found = instance.get_latest_materialization_events(keys)
    for key in keys:
        event = found[key].asset_materialization if found.get(key) else None
        if event and "note" in event.metadata and (note := str(event.metadata["note"].value)):
            yield Finding(True, f"{'.'.join(key.path)}, when it was loaded last", note, is_note=True)


def _late() -> Iterator[Finding]:
    """Sources whose newest data is too old, and books that were opened again."""
    from orchestration import clocks
    from orchestration.loads import switched_on

    verdicts = {f"the newest data of {source.name}": clocks.newest_data(source.name) for source in switched_on()}
    for about, verdict in {**verdicts, "the books": clocks.closed_books()}.items():
        if not verdict.is_well:
            yield Finding(True, about, verdict.text, is_note=True)


def _kept_out(built: duckdb.DuckDBPyConnection) -> Iterator[Finding]:
    """Records that did not fit."""
    tables = built.execute(
        "select table_schema, table_name from information_schema.tables "
        "where starts_with(table_name, 'stg_') and ends_with(table_name, '__quarantine') order by all"
    ).fetchall()
    for schema, table in tables:
        rows = built.execute(
            f'select source, stream, record_id, quarantine_reason from "{schema}"."{table}" order by all'
        ).fetchall()
        for (source, stream), records in groupby(rows, lambda row: (row[0], row[1])):
            named = [f"{record} ({reason})" for _, _, record, reason in records]
            more = f" and {len(named) - SHOWN} more" if len(named) > SHOWN else ""
            hint = f"{', '.join(named[:SHOWN])}{more}; mend them in {source}, all others are served"
            yield Finding(False, f"{len(named)} of {source}.{stream} do not fit and are left out", hint)


def _untied(built: duckdb.DuckDBPyConnection) -> Iterator[Finding]:
    """Documents that the ledger and the accounting's own reports do not agree about."""
    is_there = "select 1 from information_schema.tables where table_name = 'int_ledger_differences_found'"
    if not built.execute(is_there).fetchone():
        return
    for suspect, periods in built.execute(
        "select suspect, string_agg(distinct fiscal_period, ', ' order by fiscal_period) "
        "from intermediate.int_ledger_differences_found where suspect is not null group by 1 order by 1"
    ).fetchall():
        hint = f"look at {suspect} in QuickBooks; revenue of {periods} is held back until it ties"
        yield Finding(False, "the ledger is not what QuickBooks reports", hint)


def _restated(home: Path) -> Iterator[Finding]:
    """Closed periods that would change."""
    waiting = restatements.waiting(home)
    for period in sorted({one.fiscal_period for one in waiting}):
        marts = sorted({one.mart for one in waiting if one.fiscal_period == period})
        hint = f"prodops restate list says how, prodops restate accept {period} publishes it; {', '.join(marts)} wait"
        yield Finding(False, f"{period} is closed and would change", hint)


def _failed() -> Iterator[Finding]:
    """All that holds back marts, or would at the next publish: who mends it, how, and which marts wait."""
    from orchestration import built, gate, steps
    from orchestration.defs import publish

    build = built.last()
    with steps.instance() as instance:
        checks, said = gate.verdicts(instance, build, publish.due(build)), gate.said(instance)
    marts = {mart for one in checks for mart in one.holds or ()}
    for one in failures.listed(checks, marts, [], clock.now()):
        waiting = f"; held back until then: {', '.join(one.marts)}" if one.marts else ""
        name = one.asset.rpartition("/")[2]
        if one.check == "built" and one.problem.startswith("failed: "):
            what, problem = f"{name} could not be built", f"{one.problem.removeprefix('failed: ')}; "
        else:
            text = said.get((one.check, one.asset))
            what, problem = f"{one.check} on {one.asset} {one.problem}", f"{text}; " if text else ""
        yield Finding(False, what, f"{problem}{one.next_step}; owner: {one.owner}{waiting}")
