"""Lines of exported events made into the Parquet file that lands.

Belongs here: reading newline-delimited JSON, the few typed columns, which hour a line is of, whether an hour differs
from its landing. Does not: packages and cursors (landing.py), archives and how lines come (sources).

DuckDB reads and writes, on as many threads as there are cores, and the file it writes lands as it is. Measured on
376 MB of events: 0.2 s for the lines alone, 0.5 s with the typed columns, 0.9 s with the file written.
"""

from __future__ import annotations

from codecs import getincrementaldecoder
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from ingestion import sql
from ingestion.manifests import EVENTS

LONGEST_LINE = 32 * 2**20
USUAL_LINE = 2 * 2**20
BUFFER = 8 * 2**20
READERS = {USUAL_LINE: "384MB", LONGEST_LINE: "1GB"}
"""Lines up to so long are read in so much memory; the second is tried where the first does not do. Measured on 376 MB
of events: 300 MiB with the first, 490 with the second, in the same time."""
TOO_LONG = ("Maximum line size", "does not support a full read")
ROW_GROUP = 8_192
"""Rows held in memory per thread while writing; with twice as many the peak is 400 MiB."""
KEYS = (
    "uuid",
    "$insert_id",
    "event_type",
    "event_time",
    "server_upload_time",
    "user_id",
    "device_id",
    "amplitude_id",
    "session_id",
)
TIMES = ("%Y-%m-%d %H:%M:%S.%f", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S.%fZ", "%Y-%m-%dT%H:%M:%SZ")
"""The export has a space and no zone and means UTC; the vendor's documentation says ISO 8601."""

Digest = dict[datetime, tuple[int, int]]
"""Of each hour the number of its lines and the sum of their hashes: the same for the same lines in any order."""


class UnknownHourError(Exception):
    """A line says no hour inside the window that was asked for; asked hour by hour it belongs to the hour asked."""


class LineTooLongError(Exception):
    """A line is longer than ``LONGEST_LINE``."""


class LineFile:
    """Writes lines to a file as ``Lines`` reads them, block by block; a block may end inside a character.

    What JSON does not allow in a line becomes what it allows: bytes that are no UTF-8 become U+FFFD, a carriage return
    and the bytes that mean a column's end and NULL to the reader become spaces; a blank line is none. Each is looked
    for in whole blocks, which costs nothing measurable where there is none.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = path.open("wb")
        self._decoder = getincrementaldecoder("utf-8")("replace")
        self._is_open = False

    def __enter__(self) -> LineFile:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def write(self, block: bytes) -> None:
        if not block.isascii() or self._decoder.getstate()[0]:
            block = self._decoder.decode(block).encode()
        self._put(block)

    def end(self) -> None:
        """What comes next begins a line of its own."""
        self._put(self._decoder.decode(b"", True).encode() + b"\n")
        self._decoder.reset()

    def _put(self, block: bytes) -> None:
        if any(byte in block for byte in _REPLACED):
            block = block.translate(_SPACES)
        while b"\n\n" in block:
            block = block.replace(b"\n\n", b"\n")
        if not self._is_open:
            block = block.removeprefix(b"\n")
        if block:
            self._is_open = not block.endswith(b"\n")
            self._file.write(block)


_REPLACED = (b"\r", b"\x01", b"\x02")
_SPACES = bytes.maketrans(b"".join(_REPLACED), b" " * len(_REPLACED))


@dataclass(frozen=True, slots=True)
class Lines:
    """All lines that the export served for the hours from ``first`` to ``last``, both inclusive, of one project."""

    project_id: str
    first: datetime
    last: datetime
    files: tuple[str, ...]

    def digest(self) -> Digest:
        """Raises ``UnknownHourError`` and ``LineTooLongError``."""
        if not self.files:
            return {}

        def hours(longest: int) -> str:
            return f"select export_hour, count(*), sum(payload_hash) from ({self._hours(longest)}) group by all"

        found = self._whole(hours, lambda rows: sum(lines for _, lines, _ in rows))
        if any(hour is None for hour, _, _ in found):
            raise UnknownHourError
        return {hour: (lines, total) for hour, lines, total in found}

    def write(
        self,
        path: Path,
        load_id: str,
        extracted_at: datetime,
        only: Mapping[datetime, int] | None,
        empty: Collection[datetime],
    ) -> int:
        """Writes the lines, where given of these hours ``only``, so many each, and a row for each ``empty`` hour.

        The columns are ``manifests.EVENTS``. Returns the number of rows. Raises ``UnknownHourError`` and
        ``LineTooLongError``.
        """
        gone = [f"select {sql.text(self.project_id)} as project_id, {_instant(hour)} as export_hour" for hour in empty]
        columns = {"extracted_at": _instant(extracted_at), "_dlt_load_id": sql.text(load_id)}
        values = ", ".join(f"{columns.get(name, name)} as {name}" for name in EVENTS.names)
        target = sql.text(str(path))

        def copy(longest: int) -> str:
            parts = [*gone, f"select * from ({_NOTHING}) where false"]
            if self.files and (only is None or only):
                kept = "" if only is None else f" where export_hour in ({', '.join(map(_instant, only))})"
                parts.append(f"select * from ({self._typed(longest)}){kept}")
            return (
                f"copy (select {values} from ({' union all by name '.join(parts)})) to {target} "
                f"(format parquet, compression zstd, compression_level 1, row_group_size {ROW_GROUP})"
            )

        expected = None if only is None else sum(only.values()) + len(gone)
        rows = int(self._whole(copy, lambda done: int(done[0][0]), expected)[0][0])
        if _ask(f"select count(*) from read_parquet({target}) where export_hour is null")[0][0]:
            raise UnknownHourError
        return rows

    def _whole(
        self, query: Callable[[int], str], count: Callable[[list[Any]], int], expected: int | None = None
    ) -> list[Any]:
        """The answer of a reader of lines that are as long as usual, or of another where one is longer.

        DuckDB (1.5.5) refuses a line that is too long, in one of two ways; but at a file's end, where it is longer than
        the reader's buffer too, it leaves it out and says nothing. So lines are counted; all are expected unless said
        otherwise. Raises ``LineTooLongError``.
        """
        if expected is None:
            expected = sum(map(_count, self.files))
        for longest, memory in READERS.items():
            try:
                found = _ask(query(longest), memory)
            except (duckdb.InvalidInputException, duckdb.NotImplementedException) as error:
                if not any(sign in str(error) for sign in TOO_LONG):
                    raise
                continue
            if count(found) == expected:
                return found
        raise LineTooLongError

    def _hours(self, longest: int) -> str:
        # one path, not a list of one: half the time
        time = _time("try(json_extract_string(line, '$.server_upload_time'))")
        return f"select {self._hour(time)} as export_hour, {_HASH} as payload_hash from ({self._read(longest)})"

    def _typed(self, longest: int) -> str:
        paths = ", ".join(sql.text(f'$."{key}"') for key in KEYS)
        return f"""
            select
                {sql.text(self.project_id)} as project_id,
                texts[1] as uuid,
                texts[2] as insert_id,
                texts[3] as event_type,
                {_time("texts[4]")} as event_time,
                {_time("texts[5]")} as server_upload_time,
                texts[6] as user_id,
                texts[7] as device_id,
                {_whole("texts[8]")} as amplitude_id,
                {_whole("texts[9]")} as session_id,
                {self._hour(_time("texts[5]"))} as export_hour,
                line as payload,
                {_HASH} as payload_hash
            from (select line, try(json_extract_string(line, [{paths}])) as texts from ({self._read(longest)}))
            """

    def _hour(self, time: str) -> str:
        if self.first == self.last:
            return _instant(self.first)
        end = _instant(self.last + timedelta(hours=1))
        is_inside = f"{time} >= {_instant(self.first)} and {time} < {end}"
        return f"case when {is_inside} then date_trunc('hour', {time}) end"

    def _read(self, longest: int) -> str:
        """Lines as they are: a reader of JSON would stop at the first that is none.

        Side by side DuckDB reads only lines that are shorter than its buffer.
        """
        return (
            f"select line from read_csv({sql.texts(self.files)}, columns = {{'line': 'varchar'}}, auto_detect = false, "
            "header = false, delim = '\x01', quote = '', escape = '', comment = '', nullstr = '\x02', "
            f"new_line = '\\n', strict_mode = false, max_line_size = {longest}, "
            f"buffer_size = {max(longest, BUFFER)}, parallel = {longest == USUAL_LINE})"
        )


def _count(file: str) -> int:
    with open(file, "rb") as lines:
        return sum(block.count(b"\n") for block in iter(partial(lines.read, 2**20), b""))


def _ask(query: str, memory: str = READERS[LONGEST_LINE]) -> list[Any]:
    with duckdb.connect(config={"memory_limit": memory, "preserve_insertion_order": False}) as connection:
        connection.execute("set TimeZone = 'UTC'")
        return connection.execute(query).fetchall()


def _instant(timestamp: datetime) -> str:
    return f"cast({sql.text(timestamp.isoformat())} as timestamptz)"


def _time(text: str) -> str:
    return f"timezone('UTC', try_strptime({text}, {sql.texts(TIMES)}))"


def _whole(text: str) -> str:
    # a cast alone would take 1.5 for 2
    return f"case when {text} not like '%.%' and lower({text}) not like '%e%' then try_cast({text} as bigint) end"


_HASH = "cast(hash(line) >> 1 as bigint)"
_DUCKDB = {pa.string(): "varchar", pa.int64(): "bigint", pa.timestamp("us", "UTC"): "timestamptz"}
_NOTHING = "select " + ", ".join(f"cast(null as {_DUCKDB[column.type]}) as {column.name}" for column in EVENTS)
