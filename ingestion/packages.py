"""Packages: files that count together, written by dlt.

Belongs here: everything that talks to dlt's pipelines, their settings, their scratch folder, naming what dlt could not
do. Does not: what a package holds, what landed before and cursors (landing.py), which packages count (manifests.py).

A package of a source is one file for each of its streams, ``<source>/<stream>/<load_id>.<file_id>.parquet``, and then
the marker ``<source>/_dlt_loads/<source>__<load_id>.jsonl`` with which they count. Load ids are unix seconds with a
fraction, as text; each is above the one before as long as the clock of the machine goes forward.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

# Read by dlt: no telemetry; no copies of what landed are kept; its own state is not used, so it is
# not restored either; batches carry their load id already, so that dlt links their files
# instead of writing every row a second time.
os.environ.setdefault("RUNTIME__DLTHUB_TELEMETRY", "false")
os.environ.setdefault("ENABLE_RUNTIME_TRACE", "false")
os.environ.setdefault("LOAD__DELETE_COMPLETED_JOBS", "true")
os.environ.setdefault("RESTORE_FROM_DESTINATION", "false")
os.environ.setdefault("RUNTIME__LOG_LEVEL", "CRITICAL")  # tracebacks beside the one line that a person gets
os.environ.setdefault("NORMALIZE__PARQUET_NORMALIZER__ADD_DLT_LOAD_ID", "false")

import dlt
import pyarrow as pa
from dlt.common.configuration.container import Container
from dlt.common.configuration.providers.provider import ConfigProvider
from dlt.common.configuration.specs.pluggable_run_context import PluggableRunContext
from dlt.common.destination import DestinationCapabilitiesContext
from dlt.destinations import filesystem
from dlt.destinations.impl.filesystem.filesystem import CURRENT_VERSION, INIT_FILE_NAME, FilesystemClient
from dlt.pipeline.exceptions import PipelineStepFailed

from ingestion.errors import SourceError
from ingestion.home import private_files
from ingestion.lines import UnknownHourError
from ingestion.manifests import Zone
from ingestion.writes import write_atomically


@dataclass(frozen=True, slots=True)
class ParquetFile:
    """A Parquet file that lands as it is; it stays its maker's."""

    path: Path
    rows: int
    schema: pa.Schema


Content = Callable[[str], pa.Table | ParquetFile]
"""What a stream lands, once the id of its load is known."""


class Packages:
    """Writes the packages of one source into one zone; ``work`` is scratch, made anew: all that an earlier process
    left there is gone."""

    def __init__(self, source: str, zone: Zone, work: Path) -> None:
        self.source, self.zone, self.work = source, zone, work
        shutil.rmtree(work, ignore_errors=True)
        _initialise(zone, source)
        self._pipeline: dlt.Pipeline | None = None
        self._settings = [_Found(provider) for provider in Container()[PluggableRunContext].providers.providers]

    def write(self, contents: Mapping[str, Content], about: str) -> str | None:
        """The id of one package of what the contents give for it, stream by stream; ``about`` stands for the stream in
        errors.

        Contents are asked before anything is written and may write into ``work``. Raises the ``SourceError`` or
        ``UnknownHourError`` that one of them raised, and ``SourceError`` when the package can't be written; nothing of
        it counts then.
        """

        def rows(content: Content) -> Iterator[Any]:
            found = content(dlt.current.load_package_state()["load_id"])
            if isinstance(found, ParquetFile):
                # the file is linked into the package, not written again
                path, schema = str(found.path), found.schema.empty_table()
                yield dlt.mark.with_file_import(path, "parquet", found.rows, hints=schema)
            else:
                yield found

        resources = [
            dlt.resource(rows(content), name=name, write_disposition="append", max_table_nesting=0)
            for name, content in contents.items()
        ]
        try:
            with private_files(), _settings(self._settings):
                self._pipeline = self._pipeline or _pipeline(self.source, self.zone, str(self.work))
                info = self._pipeline.run(resources, loader_file_format="parquet")
        except PipelineStepFailed as failed:
            # dlt would go on with what is left of this package; nothing of it counts, so nothing of it stays
            self._pipeline = None
            shutil.rmtree(self.work, ignore_errors=True)
            raise _named(self.source, about, failed) from None
        return str(info.loads_ids[0]) if info.loads_ids else None


def unwritable(source: str, about: str, error: OSError) -> SourceError:
    """What the operating system refused, in words."""
    hint = f"could not write to the landing zone: {os.strerror(error.errno or 0)}; make room or rights, run again"
    return SourceError(source, about, hint)


class _Found(ConfigProvider):
    """A place of settings which is asked for each of them once.

    dlt looks some 700 names up for each package, each secret among them as a file too; what it finds can't change
    within a landing.
    """

    def __init__(self, provider: ConfigProvider) -> None:
        self._provider = provider
        self._values: dict[tuple[str | None, ...], tuple[Any | None, str]] = {}

    def get_value(self, key: str, hint: type[Any], pipeline_name: str | None, *sections: str) -> tuple[Any | None, str]:
        asked = (key, pipeline_name, *sections)
        if asked not in self._values:
            self._values[asked] = self._provider.get_value(key, hint, pipeline_name, *sections)
        return self._values[asked]

    @property
    def name(self) -> str:
        return str(self._provider.name)

    @property
    def is_empty(self) -> bool:
        return bool(self._provider.is_empty)

    @property
    def supports_secrets(self) -> bool:
        return bool(self._provider.supports_secrets)

    @property
    def supports_sections(self) -> bool:
        return bool(self._provider.supports_sections)

    @property
    def locations(self) -> Sequence[str]:
        return list(self._provider.locations)

    @property
    def present_locations(self) -> Sequence[str]:
        return list(self._provider.present_locations)


@contextmanager
def _settings(found: Sequence[ConfigProvider]) -> Iterator[None]:
    """dlt reads its settings from these places."""
    context = Container()[PluggableRunContext].providers
    before, context.providers = context.providers, list(found)
    try:
        yield
    finally:
        context.providers = before


class _Client(FilesystemClient):
    """dlt's client of a file system, which writes its own records whole. It reads the newest schema before each load:
    one that a full disk cut off would fail every load from then on."""

    def _write_to_json_file(self, filepath: str, data: Any) -> None:
        if self.config.is_local_filesystem:
            write_atomically(Path(filepath), json.dumps(data, default=str))
        else:
            super()._write_to_json_file(filepath, data)


class _Filesystem(filesystem):
    """dlt's file system destination, which settles once what it can, and not 14 times for each package."""

    @property
    def client_class(self) -> type[FilesystemClient]:
        return _Client

    @cached_property
    def _capabilities(self) -> dict[str, DestinationCapabilitiesContext]:
        return {}

    @property
    def destination_type(self) -> str:
        return "dlt.destinations.filesystem"

    def capabilities(self, config: Any = None, naming: Any = None) -> DestinationCapabilitiesContext:
        key = type(naming).__name__
        if key not in self._capabilities:
            self._capabilities[key] = super().capabilities(config, naming)
        return self._capabilities[key].copy()

    def configuration(self, initial_config: Any, accept_partial: bool = False) -> Any:
        if initial_config is not None and initial_config.is_resolved():
            return initial_config
        return super().configuration(initial_config, accept_partial)


def _pipeline(source: str, zone: Zone, work: str) -> dlt.Pipeline:
    """Every pipeline of the project is made here."""
    pipeline: dlt.Pipeline = dlt.pipeline(
        pipeline_name=source,
        destination=_Filesystem(
            bucket_url=f"file://{zone.root}" if zone.is_local else zone.url,
            layout="{table_name}/{load_id}.{file_id}.{ext}",
        ),
        dataset_name=source,
        pipelines_dir=work,
    )
    return pipeline


def _initialise(zone: Zone, source: str) -> None:
    """Writes dlt's own storage mark: dlt makes the folder first and the mark after it, and a kill between the two
    leaves a folder that it refuses for ever ("File exists")."""
    if zone.read(f"{source}/{INIT_FILE_NAME}") is None:
        versions = {"initial_version": CURRENT_VERSION, "current_version": CURRENT_VERSION}
        zone.replace(f"{source}/{INIT_FILE_NAME}", json.dumps(versions).encode())


def _named(source: str, about: str, failed: PipelineStepFailed) -> SourceError | UnknownHourError:
    """The cause of a failed package as an error of ours; texts of foreign exceptions may hold payloads and stay out."""
    cause: BaseException | None = failed
    while cause is not None:
        if isinstance(cause, SourceError | UnknownHourError):
            return cause
        if isinstance(cause, OSError) and cause.errno is not None:
            return unwritable(source, about, cause)
        innermost, cause = cause, cause.__cause__ or cause.__context__
    return SourceError(
        source,
        about,
        f"dlt could not finish the {failed.step} step ({type(innermost).__name__}); nothing of it counts, run again",
    )
