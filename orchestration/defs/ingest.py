"""Landing as assets: one op per source, one asset per stream.

Belongs here: how a source of the registry becomes assets. Does not: anything about a single source.

dagster-dlt is not used: it runs one package per run and drops packages that wait, while each stream chunk is a package
of its own here, so that a failing stream or a kill costs a chunk and not the load.
"""

from collections.abc import Iterator

import dagster as dg

from ingestion import unread
from ingestion.errors import ProdopsError
from ingestion.landing import Landed
from ingestion.side_by_side import Loads
from ingestion.sources import SOURCES, Source
from orchestration import manifest
from orchestration.cadence import BACK_OFF, LOADED
from orchestration.failures import failure
from orchestration.landed import OWNER, described, landed_as
from orchestration.loads import NEWS, STEP, LoadConfig, due, how_to_switch_on, loads, options, switched_on
from orchestration.partitions import days_asked, days_read, upload_days


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
            if context.retry_number:
                loads.forget(source.name)
            loads.begin({**due(context), source.name: options(config, asked)})
            loads.follow(source.name, on_landed)
        except ProdopsError as error:
            failed = error
        if asked is None:  # days that are read again say nothing of what is new
            unread.note(source, failed)
        if any(part.landed or part.deleted for parts in landed.values() for part in parts):
            context.instance.add_run_tags(context.run_id, NEWS)
        for stream in source.streams:
            parts = landed.get(stream.name, [])
            if failed is not None and (not parts or stream.name in unread.by_stream(source, failed)):
                continue
            if asked is not None and stream.name not in by_day:
                continue
            key = dg.AssetKey([source.name, stream.name])
            for day in days_read(parts, days) if days is not None and asked is None else ():
                context.log_event(dg.AssetMaterialization(key, partition=day))
            yield dg.MaterializeResult(asset_key=key, metadata=described(source.name, stream, parts))
        if failed is not None and failed.may_pass and context.retry_number < config.retries:
            context.log.warning(f"to be tried again: {failed}")
            wait = BACK_OFF.total_seconds() * 2**context.retry_number
            raise dg.RetryRequested(max_retries=config.retries, seconds_to_wait=wait)
        if failed is not None:
            raise failure(failed)

    return load


def off(source: Source) -> list[dg.AssetSpec]:
    """The streams of a source that the company does not have: nothing materializes them, so nothing looks fresh."""
    return [
        dg.AssetSpec(
            [source.name, stream.name],
            group_name=source.name,
            kinds={source.name},
            owners=[OWNER],
            description=f"{source.name} is {how_to_switch_on(source)}. {stream.description}, from {source.title}.",
            metadata={"state": "off"},
        )
        for stream in source.streams
    ]


@dg.definitions
def defs() -> dg.Definitions:
    on = switched_on()
    others = [spec for source in SOURCES.values() if source not in on for spec in off(source)]
    return dg.Definitions(assets=[*map(landed_assets, on), *others], resources={"loads": loads})
