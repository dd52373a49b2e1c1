"""What tests of landing share: a home of their own, who writes packages, and readers that know only manifests."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingestion.manifests import Stream, read_manifest, zone_of
from ingestion.sources import SOURCES
from tests.ingestion.file_packages import written_by


def over(*writers: str) -> pytest.MarkDecorator:
    """The test runs over packages of these writers, ``dlt`` or ``files``, once over each."""
    return pytest.mark.parametrize("packages", writers, indirect=True)


@pytest.fixture(autouse=True)
def packages(request: pytest.FixtureRequest) -> Iterator[None]:
    """Who writes packages: dlt itself, unless a test says otherwise."""
    with written_by(getattr(request, "param", "dlt")):
        yield


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home; the landing zone is its folder ``landing``."""
    folder = tmp_path / "home"
    monkeypatch.setenv("PRODOPS_HOME", str(folder))
    monkeypatch.delenv("PRODOPS_LANDING", raising=False)
    return folder


_DUCKDB = duckdb.connect(config={"enable_external_file_cache": False})
"""One for all that is read of a disk: opening one takes 17 ms. It remembers no file, as a new one would not."""


def landed_rows(
    source: str,
    stream: str | Stream,
    columns: str = "record_id, payload, is_deleted",
    order: str = "_dlt_load_id, sequence",
) -> list[Any]:
    """All landed versions, oldest first, as any reader sees them: through the manifest."""
    stream = Stream(stream, "", "") if isinstance(stream, str) else stream
    zone = zone_of(stream)
    manifest = read_manifest(zone, source, stream.name)
    assert manifest is not None
    files = [zone.readable(file.path) for file in manifest.files]
    with _DUCKDB.cursor() if zone.is_local else duckdb.connect() as connection:
        if not zone.is_local:
            connection.register_filesystem(zone.fs)
        return connection.execute(f"select {columns} from read_parquet({files!r}) order by {order}").fetchall()


def alive(source: str, stream: str) -> dict[str, tuple[str | None, str]]:
    """Owner and payload of each record's newest version, tombstones left out."""
    known = next(one for one in SOURCES[source].streams if one.name == stream)
    rows = landed_rows(source, known, "record_id, parent_id, payload, is_deleted")
    newest = {key: (owner, text, gone) for key, owner, text, gone in rows}
    return {key: (owner, text) for key, (owner, text, gone) in newest.items() if not gone}
