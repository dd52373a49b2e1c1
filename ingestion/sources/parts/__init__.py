"""What sources are made of: what one is, and what loads from an API have in common.

Belongs here: the shape of a source (source.py), the steps of a load (steps.py), pages and chunks (pages.py), what is
gone (census.py), children that are asked for one by one (children.py), fields that nobody may see (hidden.py), streams
that a plan does not have (optional.py), how far a load has read (cursor.py). Does not: vendors.
"""

from ingestion.sources.parts.census import vanished
from ingestion.sources.parts.children import Unread, is_of_child
from ingestion.sources.parts.cursor import Feed, resumed
from ingestion.sources.parts.hidden import Watched
from ingestion.sources.parts.optional import left_out
from ingestion.sources.parts.pages import batches, chunked, prefetch
from ingestion.sources.parts.source import Finding, LoadOptions, Probe, Source, Stream, api_source, unset
from ingestion.sources.parts.steps import Step, run_steps

__all__ = [
    "Feed",
    "Finding",
    "LoadOptions",
    "Probe",
    "Source",
    "Step",
    "Stream",
    "Unread",
    "Watched",
    "api_source",
    "batches",
    "chunked",
    "is_of_child",
    "left_out",
    "prefetch",
    "resumed",
    "run_steps",
    "unset",
    "vanished",
]
