"""The loads of a run, side by side.

Belongs here: which loads belong to the run of a step, and with which options. Does not: the processes they run in
(ingestion/side_by_side.py), assets (defs/ingest.py).
"""

from collections.abc import Iterator
from contextlib import suppress
from datetime import date

import dagster as dg
from pydantic import Field

from ingestion.errors import ProdopsError, SettingsError
from ingestion.ownership import configured_vendors
from ingestion.side_by_side import Loads
from ingestion.sources import SOURCES, LoadOptions, Source

LANDS = {"prodops/lands": "sources"}
"""The tag of runs that load; one of them at a time (dagster.yaml): a source is read by one process, and the hourly load
waits for a resync of hours."""
NEWS = {"prodops/news": "landed"}
"""The tag of a run that landed anything."""
STEP = "land_"
"""How the steps that load begin; the rest is the source."""


class LoadConfig(dg.Config):
    """What ``prodops load`` says with ``--no-census`` and ``--resync``."""

    census: bool = Field(True, description="Look for deletions too, by listing all ids at the source.")
    resync: bool = Field(False, description="Read everything again from the first day, whatever the cursor.")
    retries: int = Field(0, description="How often a load that failed for what may pass is tried again.")


def load_config(
    *, census: bool, resync: bool = False, retries: int = 0, sources: list[str] | None = None
) -> dict[str, object]:
    """Run config of the load ops."""
    config = {"census": census, "resync": resync, "retries": retries}
    names = sources or [source.name for source in switched_on()]
    return {"ops": {f"{STEP}{name}": {"config": config} for name in names}}


def switched_on() -> list[Source]:
    """The sources that a company has. A made-up one, where no vendor is set up, has all of them, also while its vendors
    do not answer."""
    is_made_up = not configured_vendors()
    return [source for source in SOURCES.values() if is_made_up or _is_set_up(source)]


def _is_set_up(source: Source) -> bool:
    """One whose settings are wrong is; its load says what is wrong with them."""
    try:
        return source.is_configured()
    except ProdopsError:
        return True


def how_to_switch_on(source: Source) -> str:
    """Which setting a source that is off lacks."""
    missing = source.check()[0]  # without settings a check gets no further than to name them
    return f"off; to switch it on: {missing.what}: {missing.hint}"


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
