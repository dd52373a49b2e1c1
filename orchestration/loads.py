"""The loads of a run, side by side.

Belongs here: which loads belong to the run of a step, and with which options. Does not: the processes they run in
(ingestion/side_by_side.py), assets (defs/ingest.py).
"""

from collections.abc import Iterator
from contextlib import suppress
from datetime import date

import dagster as dg

from ingestion.errors import SettingsError
from ingestion.side_by_side import Loads
from ingestion.sources import SOURCES, LoadOptions

LANDS = {"prodops/lands": "sources"}
"""The tag of runs that load; one of them at a time (dagster.yaml): a source is read by one process, and the hourly load
waits for a resync of hours."""
NEWS = {"prodops/news": "landed"}
"""The tag of a run that landed anything."""
STEP = "land_"
"""How the steps that load begin; the rest is the source."""


class LoadConfig(dg.Config):
    """``census``: look for deletions by listing all ids; ``resync``: read everything again, whatever the cursor;
    ``retries``: how often a load that failed for what may pass is tried again (not where a person waits for it)."""

    census: bool = True
    resync: bool = False
    retries: int = 0


def load_config(
    *, census: bool, resync: bool = False, retries: int = 0, sources: list[str] | None = None
) -> dict[str, object]:
    """Run config of the load ops."""
    config = {"census": census, "resync": resync, "retries": retries}
    return {"ops": {f"{STEP}{name}": {"config": config} for name in sources or list(SOURCES)}}


@dg.resource(description="The loads of a run, side by side; they end with it.")
def loads() -> Iterator[Loads]:
    with Loads() as under_way:
        yield under_way


def options(config: LoadConfig, days: tuple[date, date] | None = None) -> LoadOptions:
    return LoadOptions(census=config.census, resync=config.resync, days=days)


def due(context: dg.AssetExecutionContext) -> dict[str, LoadOptions]:
    """What the run of this step is to load.

    Steps come one after the other, because a process for each would define everything again; so the first of them
    begins the loads of all, and each then waits for its own. Events begin first: they take the longest, and what takes
    the longest must not begin last.
    """
    given, found = context.run.run_config.get("ops", {}), {}
    steps = [node.name for node in context.job_def.nodes if node.name.startswith(STEP)]
    sources = [SOURCES[step.removeprefix(STEP)] for step in steps]
    for source in sorted(sources, key=lambda source: not any(stream.is_events for stream in source.streams)):
        with suppress(SettingsError):  # its own step says what is wrong with them
            if source.is_configured():
                found[source.name] = options(LoadConfig(**given.get(STEP + source.name, {}).get("config", {})))
    return found
