"""What lands, as Dagster shows it: where, with which columns, and what a load did to it.

Belongs here: the metadata of landing assets. Does not: landing them (defs/ingest.py).
"""

from typing import Any

import dagster as dg

from ingestion.landing import Landed
from ingestion.manifests import MEANINGS, read_manifest, zone_of
from ingestion.sources import Stream
from orchestration import links, manifest

OWNER = "team:product-ops"


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


def described(source: str, stream: Stream, parts: list[Landed]) -> dict[str, dg.MetadataValue]:
    """What a load did to a stream and where it lies."""
    zone = zone_of(stream)
    known = read_manifest(zone, source, stream.name)
    load_ids = [part.load_id for part in parts if part.load_id]
    return {
        "seen": dg.MetadataValue.int(sum(part.seen for part in parts)),
        "landed": dg.MetadataValue.int(sum(part.landed for part in parts)),
        "deleted": dg.MetadataValue.int(sum(part.deleted for part in parts)),
        "load_id": dg.MetadataValue.text(load_ids[-1] if load_ids else "nothing new"),
        "note": dg.MetadataValue.text("; ".join(dict.fromkeys(part.note for part in parts if part.note))),
        "dagster/row_count": dg.MetadataValue.int(sum(file.rows for file in known.files) if known else 0),
        "path": dg.MetadataValue.path(zone.path(f"{source}/{stream.name}")),
    }
