"""Landing as assets: one op per source, one asset per stream.

Belongs here: how a source of the registry becomes assets. Does not: anything about a single source.

dagster-dlt is not used: it runs one package per run and drops packages that wait, while each stream chunk is a package
of its own here, so that a failing stream or a kill costs a chunk and not the load.
"""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from ingestion.errors import ProdopsError, SourceError, SourceErrors
from ingestion.landing import Landed
from ingestion.manifests import MEANINGS, read_manifest, zone_of
from ingestion.side_by_side import Loads
from ingestion.sources import SOURCES, Source, Stream
from orchestration import links, manifest
from orchestration.cadence import LOADED
from orchestration.failures import failure
from orchestration.loads import STEP, LoadConfig, due, loads, options
from orchestration.partitions import days_asked, days_read, upload_days

OWNER = "team:product-ops"


def landed_assets(source: Source) -> dg.AssetsDefinition:
    """The streams of one source, landed together by one op."""
    cadence = LOADED[source.name]
    by_day = {stream.name for stream in source.streams if stream.is_events}
    days = upload_days(source) if by_day else None
    specs = [
        dg.AssetSpec(
            [source.name, stream.name],
            deps=[],
            group_name=manifest.group_of(source.name),
            kinds={"dlt", "parquet", source.name},
            owners=[OWNER],
            description=f"{stream.description}. Landed verbatim from {source.title}; key: {stream.key}.",
            freshness_policy=cadence.freshness,
            metadata=landed_as(source.name, stream),
            partitions_def=days if stream.name in by_day else None,
        )
        for stream in source.streams
    ]

    # Only a stream with partitions is ever asked for by itself, for days; a range of days is one run.
    @dg.multi_asset(
        name=f"{STEP}{source.name}",
        specs=specs,
        pool=f"land_{source.name}",
        can_subset=bool(by_day),
        backfill_policy=dg.BackfillPolicy.single_run() if by_day else None,
    )
    def load(
        context: dg.AssetExecutionContext, config: LoadConfig, loads: dg.ResourceParam[Loads]
    ) -> Iterator[dg.MaterializeResult]:
        landed: dict[str, list[Landed]] = {}
        failed: ProdopsError | None = None
        asked = days_asked(context) if by_day else None

        def on_landed(part: Landed) -> None:
            landed.setdefault(part.stream, []).append(part)
            note = f"; {part.note}" if part.note else ""
            context.log.info(f"{part.source}.{part.stream}: {part.seen} seen, {part.landed} landed{note}")

        try:
            if source.is_configured():
                loads.begin({**due(context), source.name: options(config, asked)})
                loads.follow(source.name, on_landed)
            else:
                context.log.info(f"{source.name} is off: it has no settings")
        except ProdopsError as error:
            failed = error
        for stream in source.streams:
            parts = landed.get(stream.name, [])
            if failed is not None and (not parts or stream.name in failed_streams(source, failed)):
                continue
            if asked is not None and stream.name not in by_day:
                continue
            key = dg.AssetKey([source.name, stream.name])
            for day in days_read(parts, days) if days is not None and asked is None else ():
                context.log_event(dg.AssetMaterialization(key, partition=day))
            yield dg.MaterializeResult(asset_key=key, metadata=described(source.name, stream, parts))
        if failed is not None:
            raise failure(failed)

    return load


def landed_as(source: str, stream: Stream) -> dict[str, Any]:
    """Where in a home a stream lands and with which columns, for people."""
    place = "restricted/landing" if stream.is_restricted else "landing"
    return {
        "dagster/table_name": f"{place}/{source}/{stream.name}",
        "dagster/column_schema": dg.TableSchema(
            columns=[
                dg.TableColumn(
                    column.name,
                    str(column.type),
                    MEANINGS[column.name],
                    constraints=dg.TableColumnConstraints(nullable=column.nullable),
                )
                for column in stream.schema
            ]
        ),
        **links.to_pages(manifest.source_id(source, stream.name)),
    }


def failed_streams(source: Source, error: ProdopsError) -> set[str]:
    """Streams that an error names; all of them where it names what is none, as when a whole account can't be read."""
    errors = error.errors if isinstance(error, SourceErrors) else [error]
    named, known = {one.stream for one in errors if isinstance(one, SourceError)}, {one.name for one in source.streams}
    return named if named <= known else known


def described(source: str, stream: Stream, parts: list[Landed]) -> dict[str, dg.MetadataValue]:
    """What a load did to a stream and where it lies."""
    zone = zone_of(stream)
    manifest = read_manifest(zone, source, stream.name)
    load_ids = [part.load_id for part in parts if part.load_id]
    return {
        "seen": dg.MetadataValue.int(sum(part.seen for part in parts)),
        "landed": dg.MetadataValue.int(sum(part.landed for part in parts)),
        "deleted": dg.MetadataValue.int(sum(part.deleted for part in parts)),
        "load_id": dg.MetadataValue.text(load_ids[-1] if load_ids else "nothing new"),
        "note": dg.MetadataValue.text("; ".join(dict.fromkeys(part.note for part in parts if part.note))),
        "dagster/row_count": dg.MetadataValue.int(sum(file.rows for file in manifest.files) if manifest else 0),
        "path": dg.MetadataValue.path(zone.path(f"{source}/{stream.name}")),
    }


@dg.definitions
def defs() -> dg.Definitions:
    assets = [landed_assets(source) for source in SOURCES.values()]
    return dg.Definitions(assets=assets, resources={"loads": loads})
