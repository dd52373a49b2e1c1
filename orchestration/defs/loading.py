"""Jobs that land, and when.

Belongs here: which landings run together. Does not: landing as assets (ingest.py), how often a source is due
(cadence.py), what is built of what landed (jobs.py).
"""

from functools import cache
from pathlib import Path

import dagster as dg

from ingestion.errors import ProdopsError
from ingestion.sources import SOURCES
from orchestration import cadence
from orchestration.cadence import Cadence
from orchestration.defs import ingest
from orchestration.loads import LANDS, load_config
from orchestration.progress import progress

LOAD = "load"
LANDED = dg.AssetSelection.key_prefixes(*[[name] for name in SOURCES])


def is_on(source: str) -> bool:
    """Whether a source is set up; one whose settings are wrong is, and its load says what is wrong with them."""
    try:
        return SOURCES[source].is_configured()
    except ProdopsError:
        return True


def scheduled(name: str, cron: str, sources: list[str], *, census: bool, why: str) -> dg.ScheduleDefinition:
    """One run of the sources among these that are on, side by side."""

    def ask(_: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        on = [source for source in sources if is_on(source)]
        if not on:
            return dg.SkipReason(f"none is set up of {', '.join(sources)}")
        return dg.RunRequest(
            run_config=load_config(census=census, sources=on, retries=cadence.RETRIES),
            asset_selection=[dg.AssetKey([source, one.name]) for source in on for one in SOURCES[source].streams],
        )

    return dg.ScheduleDefinition(
        name=name,
        job_name=LOAD,
        cron_schedule=cron,
        execution_fn=ask,
        description=why,
        default_status=dg.DefaultScheduleStatus.RUNNING,
    )


def of_rhythm(rhythm: Cadence) -> list[str]:
    """The sources that are loaded together."""
    return [source for source, row in cadence.LOADED.items() if row == rhythm]


@dg.definitions
def defs() -> dg.Definitions:
    loads = [
        dg.define_asset_job(
            f"load_{name}",
            dg.AssetSelection.key_prefixes([name]),
            description=f"Lands what is new in {name}.",
            tags=LANDS,
        )
        for name in SOURCES
    ]
    load = dg.define_asset_job(LOAD, LANDED, description="Lands what is new in every source.", tags=LANDS)
    resync = dg.define_asset_job(
        "full_resync",
        LANDED,
        description="Reads every source again from its first day; lands only what differs.",
        config=load_config(census=True, resync=True, retries=cadence.RETRIES),
        tags=LANDS,
    )
    new = "What is new by the cursor; deletions are looked for once a day."
    schedules = [
        scheduled(f"load_{rhythm.name}", rhythm.cron, of_rhythm(rhythm), census=False, why=new)
        for rhythm in dict.fromkeys(cadence.LOADED.values())
        if rhythm.cron
    ]
    gone = "What is new, and what was deleted: every source lists all that it has."
    schedules.append(scheduled("census", cadence.CENSUS, [*SOURCES], census=True, why=gone))
    schedules.append(
        dg.ScheduleDefinition(job=resync, cron_schedule=cadence.RESYNC, default_status=dg.DefaultScheduleStatus.RUNNING)
    )
    return dg.Definitions(jobs=[load, resync, *loads], schedules=schedules)


@cache
def alone(home: Path) -> dg.Definitions:
    """What lands without what is built of it, once per process and home: dbt's part takes 3 CPU-s to import and to
    define, and no load needs it."""
    running = dg.Definitions(executor=dg.in_process_executor, loggers={"progress": progress})
    return dg.Definitions.merge(running, ingest.defs(), defs())
