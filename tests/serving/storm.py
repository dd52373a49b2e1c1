"""Readers while snapshots are published.

Belongs here: the storm, short in the tests and long in `make torture`. Does not: what a snapshot holds.
"""

import json
import multiprocessing
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing.synchronize import Event, Semaphore
from pathlib import Path

import duckdb

from serving.failures import Check
from serving.publish import Edition, publish
from serving.published import current

NOW = datetime(2026, 10, 15, 6, tzinfo=UTC)
ROWS = 2000


@dataclass(frozen=True)
class Storm:
    """What the readers saw: reads, those of snapshots in which a mart is held back, reads that failed, reads that mixed
    two versions or went back in time."""

    published: int
    reads: int
    held: int
    errors: tuple[str, ...]
    torn: tuple[str, ...]


def storm(folder: Path, publishes: int, readers: int = 3) -> Storm:
    """Publishes as often as it is asked to while reader processes open, read and close without a pause."""
    warehouse, context = folder / "warehouse.duckdb", multiprocessing.get_context("spawn")
    _publish(folder, warehouse, 0)
    stop, begun = context.Event(), context.Semaphore(0)
    processes = [context.Process(target=read, args=(folder, index, stop, begun)) for index in range(readers)]
    for process in processes:
        process.start()
    for _ in processes:
        begun.acquire(timeout=60)  # a process takes longer to start than some publishes
    for version in range(1, publishes + 1):
        _publish(folder, warehouse, version)
    stop.set()
    for process in processes:
        process.join(60)
    seen = [json.loads((folder / f"reader-{index}.json").read_text()) for index in range(readers)]
    return Storm(
        publishes,
        sum(one["reads"] for one in seen),
        sum(one["held"] for one in seen),
        tuple(error for one in seen for error in one["errors"]),
        tuple(torn for one in seen for torn in one["torn"]),
    )


def _publish(folder: Path, warehouse: Path, version: int) -> None:
    """Every other time one mart is held back: it stays at the version before, and all others move."""
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("create schema if not exists marts")
        for mart in ("mart_held", "mart_one", "mart_two"):
            rows = f"select i as id, {version} as version from range({ROWS}) as r(i)"
            connection.execute(f"create or replace table marts.{mart} as {rows}")
    green = Check("unique", "marts/mart_one", True)
    red = Check("unique", "marts/mart_held", False, f"is red since {version}", ("mart_held",), is_cause=True)
    publish(folder, warehouse, Edition(NOW, "test", [green, red] if version % 2 else [green]))


def read(folder: Path, index: int, stop: Event, begun: Semaphore) -> None:
    """One reader: through the link for a single read, through the resolved folder for files that must agree: those that
    move, the one that is held back, the list of what failed and the manifest."""
    reads, held, errors, torn, newest = 0, 0, [], [], -1
    begun.release()
    while not stop.is_set():
        try:
            with duckdb.connect(str(folder / "published" / "current" / "marts.duckdb"), read_only=True) as marts:
                rows = marts.execute(
                    "select version, count(*) from (from mart_one union all from mart_two) group by version"
                ).fetchall()
                late = marts.execute("select version, count(*) from mart_held group by version").fetchall()
                listed = marts.execute("select mart, problem from failures").fetchall()
            served = current(folder)
            assert served is not None
            parquet = served.folder / "parquet" / "{mart}" / "{mart}.parquet"
            one, two = (
                duckdb.sql(f"select distinct version from '{str(parquet).format(mart=mart)}'").fetchall()
                for mart in ("mart_one", "mart_held")
            )
        except Exception as error:  # noqa: BLE001 - whatever a reader meets is a finding
            errors.append(repr(error))
            continue
        reads += 1
        ((version, count), *others) = rows
        is_late = version % 2
        held += is_late
        right = (
            others == [],
            count == 2 * ROWS,
            version >= newest,
            late == [(version - is_late, ROWS)],
            listed == ([("mart_held", f"is red since {version}")] if is_late else []),
            len(one) == len(two) == 1 and two[0][0] == one[0][0] - one[0][0] % 2,
            list(served.held) == (["mart_held"] if one[0][0] % 2 else []),
        )
        if not all(right):
            torn.append(f"{rows}, held back {late}, {listed}, after {newest}, parquet {one} and {two}: {right}")
        newest = max(newest, version)
    seen = {"reads": reads, "held": held, "errors": errors, "torn": torn}
    (folder / f"reader-{index}.json").write_text(json.dumps(seen))
