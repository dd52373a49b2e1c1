"""Packages written without dlt, for tests of what dlt is no part of.

Belongs here: the stand-in for ``ingestion.packages.Packages`` and how a test gets it. Does not: what landing promises
over either (test_landing.py, test_event_landing.py, test_restricted.py and test_compaction.py run over both).

The real one can run in tests, and does wherever a test is about dlt, about kills or about a whole load. But it takes
0.12 CPU-s a package whatever is in it, and the tests of the sources write some 1,500 packages of a few rows each to say
something about HTTP, cursors and deletes. All else stays real: the Parquet files in the zone, their names, markers,
manifests, cursors and what DuckDB reads of them.
"""

import json
import posixpath
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from dlt.common.storages.load_package import create_load_id

from ingestion import landing
from ingestion.home import private_files
from ingestion.manifests import Zone
from ingestion.packages import Content, Packages, ParquetFile, unwritable


class FilePackages:
    """As ``ingestion.packages.Packages``: the same files at the same places, the marker last, dlt's load ids."""

    def __init__(self, source: str, zone: Zone, work: Path) -> None:
        self.source, self.zone, self.work = source, zone, work
        shutil.rmtree(work, ignore_errors=True)

    def write(self, contents: Mapping[str, Content], about: str) -> str | None:
        load_id = create_load_id()
        with private_files():
            self.work.mkdir(parents=True, exist_ok=True)
            try:
                files = {name: _bytes(content(load_id)) for name, content in contents.items()}
                for name, file in files.items():
                    self._put(f"{name}/{load_id}.{uuid4().hex[:10]}.parquet", file)
                self._put(f"_dlt_loads/{self.source}__{load_id}.jsonl", json.dumps({"load_id": load_id}).encode())
            except OSError as error:
                raise unwritable(self.source, about, error) from None
        return load_id

    def _put(self, name: str, content: bytes) -> None:
        path = self.zone.path(f"{self.source}/{name}")
        self.zone.fs.makedirs(posixpath.dirname(path), exist_ok=True)
        self.zone.fs.pipe_file(path, content)


def _bytes(found: pa.Table | ParquetFile) -> bytes:
    if isinstance(found, ParquetFile):
        return found.path.read_bytes()
    sink = pa.BufferOutputStream()
    pq.write_table(found, sink)
    return sink.getvalue().to_pybytes()


@contextmanager
def written_by(writer: str) -> Iterator[None]:
    """Landings that begin inside write their packages with dlt (``dlt``) or with the stand-in (``files``)."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(landing, "Packages", {"dlt": Packages, "files": FilePackages}[writer])
        yield
