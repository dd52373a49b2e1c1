"""Dagster's event log in SQLite, with its files kept open.

Belongs here: how this home's event log is connected to. Does not: what is in it, and any other storage.

Dagster opens and closes a file for each event, and the last one to close a file in WAL mode has SQLite copy the whole
log into it. Measured on a run of the tiny company with nothing new (1,800 events): 54 s that way, 33 s with the files
kept open. Nor does an event wait for the disk, which took 10 s more of a first run: in WAL mode `synchronous = normal`
loses nothing to a kill and tears nothing. A power cut may cost the last events; what has no verdict is checked again.
What a run plans, an event for each asset and check, is written in one transaction (deployment.py asks for it).
"""

import os
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from dagster._core.events.log import EventLogEntry
from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._core.storage.event_log.sqlite.sqlite_event_log import SQLITE_BUSY_TIMEOUT_SECONDS
from dagster._serdes import ConfigurableClassData
from sqlalchemy import Connection, Engine, QueuePool, create_engine, event

KEPT_OPEN = 4
"""The index and the runs used last; the UI would otherwise keep every run open that somebody looked at."""


class EventLog(SqliteEventLogStorage):
    """``dagster.yaml`` names it; it lies where Dagster's own would."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._engines: OrderedDict[str, Engine] = OrderedDict()
        self._batch: ExitStack | None = None
        self._open: dict[str, Connection] = {}
        self._there: set[str] = set()
        super().__init__(base_dir, inst_data)

    @classmethod
    def config_type(cls) -> Any:
        return {}

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData | None, config_value: Any) -> "EventLog":
        return cls(str(Path(os.environ["DAGSTER_HOME"]) / "history" / "runs"), inst_data)

    def _initdb(self, engine: Engine, for_index_shard: bool = False) -> None:
        if for_index_shard:  # Dagster makes the index by an engine of its own
            event.listen(engine, "connect", _set_up)
        super()._initdb(engine, for_index_shard)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        with self._db_lock:
            engine = self._engine(shard)
            if shard not in self._initialized_dbs:
                self._initdb(engine)
                self._initialized_dbs.add(shard)
            if self._batch is not None and shard not in self._open:
                self._open[shard] = self._batch.enter_context(_begun(engine))
            if self._batch is not None:
                yield self._open[shard]
            else:
                with _begun(engine) as connection:
                    yield connection

    def _engine(self, shard: str) -> Engine:
        engine = self._engines.pop(shard, None)
        if engine is None:
            waits = {"timeout": SQLITE_BUSY_TIMEOUT_SECONDS, "check_same_thread": False}
            engine = create_engine(self.conn_string_for_shard(shard), poolclass=QueuePool, connect_args=waits)
            event.listen(engine, "connect", _set_up)
        self._engines[shard] = engine
        if len(self._engines) > KEPT_OPEN:
            self._engines.popitem(last=False)[1].dispose()
        return engine

    # What the tables have, Dagster asks them for with each event, 2 ms each time: what was there stays there.

    def has_table(self, table_name: str) -> bool:
        return self._is_there(table_name, super().has_table)

    def has_asset_key_col(self, column_name: str) -> bool:
        return self._is_there(column_name, super().has_asset_key_col)

    def has_secondary_index(self, name: str) -> bool:
        return self._is_there(name, super().has_secondary_index)

    def _has_asset_key_col_on_connection(self, conn: Connection, column_name: str) -> bool:
        return self._is_there(column_name, partial(super()._has_asset_key_col_on_connection, conn))

    def _is_there(self, name: str, asked: Callable[[str], bool]) -> bool:
        if name not in self._there and asked(name):
            self._there.add(name)
        return name in self._there

    def store_event(self, event: EventLogEntry) -> None:
        super().store_event(event)
        # The UI follows a run by the changes of its file, and an open file changes only now and then.
        os.utime(self.path_for_shard(event.run_id))

    def store_event_batch(self, events: Sequence[EventLogEntry]) -> None:
        with ExitStack() as self._batch:
            try:
                super().store_event_batch(events)
            finally:
                self._batch, self._open = None, {}

    def delete_events(self, run_id: str) -> None:
        super().delete_events(run_id)
        with self._db_lock:  # Dagster empties the file and leaves it as large as it was
            if engine := self._engines.pop(run_id, None):
                engine.dispose()
            self._initialized_dbs.discard(run_id)
            for part in ("", "-wal", "-shm"):
                Path(f"{self.path_for_shard(run_id)}{part}").unlink(missing_ok=True)

    def dispose(self) -> None:
        super().dispose()
        while self._engines:
            self._engines.popitem()[1].dispose()


@contextmanager
def _begun(engine: Engine) -> Iterator[Connection]:
    with engine.connect() as connection, connection.begin():
        yield connection


def _set_up(connection: Any, _: Any) -> None:
    connection.execute("pragma auto_vacuum = full")  # of a new file: it becomes smaller when something is deleted
    connection.execute("pragma synchronous = normal")
