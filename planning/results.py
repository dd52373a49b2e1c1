"""What Python computes from the finished warehouse, landed as the source ``forecasts`` for models to read.

Belongs here: which function makes which stream, how its rows become records, that one that fails costs itself alone.
Does not: the figures (the modules named in RESULTS), the streams (ingestion/sources/forecasts.py), what each reads (an
exposure of its name beside the models, so that it is computed again when they are built again), when (orchestration/).

A function gets the warehouse, read-only, and today, the day on which the company's files were read last; it gives rows
of plain values: texts, whole numbers, booleans, days as ISO. No floats: a ratio is a text, so that what lands is what
was said. Nothing that is restricted can be read here: that is another file.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path

import duckdb

from ingestion.clock import now
from ingestion.errors import ProdopsError, raised_at
from ingestion.landing import Landed, Landing, Record
from ingestion.sources.forecasts import NAME, STREAMS
from planning import epics, goals, launches

Row = Mapping[str, str | int | bool | None]
Compute = Callable[[duckdb.DuckDBPyConnection, date], Iterable[Row]]

RESULTS: Mapping[str, Compute] = {
    "key_result_forecasts": goals.key_result_forecasts,
    "objective_forecasts": goals.objective_forecasts,
    "effect_estimates": launches.effect_estimates,
    "forecast_calibration": goals.forecast_calibration,
    "epic_forecasts": epics.epic_forecasts,
}
KEYS = {stream.name: stream.key.split("/") for stream in STREAMS}
TODAY = "select max(read_date) from staging.stg_files__read_days"


class ResultError(ProdopsError):
    """A result could not be computed; what was said of it before stands."""

    def __init__(self, stream: str, what: str) -> None:
        super().__init__(" ".join(f"{stream}: {what}; mend it, then prodops run".split()))


def land(warehouse: Path, streams: Iterable[str]) -> Iterator[tuple[str, Landed | ProdopsError]]:
    """Computes and lands the streams that are named, one after the other; of each what landed, or what is wrong."""
    with Landing(NAME, STREAMS) as landing, duckdb.connect(str(warehouse), read_only=True) as built:
        built.execute("set TimeZone = 'UTC'")
        for stream in streams:
            try:
                records = computed(built, stream)
                # All of it may go: there are no goals any more.
                yield stream, landing.land_snapshot(stream, records, max_deleted_share=1)
            except ProdopsError as error:
                yield stream, error


def computed(built: duckdb.DuckDBPyConnection, stream: str) -> list[Record]:
    """The records of a stream as of today; none where nothing was ever read. Raises ``ResultError``."""
    (today,) = built.execute(TODAY).fetchall()[0]
    if today is None:
        return []
    try:
        rows = list(RESULTS[stream](built, today))
    except Exception as error:  # whatever is wrong with one result, the others are not to suffer
        raise ResultError(stream, f"{type(error).__name__} at {raised_at(error)}: {str(error)[:300]}") from error
    at = now()
    return [Record(_id(stream, row), _payload(stream, row), at) for row in rows]


def _id(stream: str, row: Row) -> str:
    return "/".join(str(row[part]) for part in KEYS[stream])


def _payload(stream: str, row: Row) -> str:
    for name, value in row.items():
        if not isinstance(value, str | int | None):
            raise ResultError(stream, f"{name} is a {type(value).__name__}, which is no plain value")
    return json.dumps(row)
