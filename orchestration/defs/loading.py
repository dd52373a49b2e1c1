"""Jobs that land, and when.

Belongs here: which landings run together. Does not: landing as assets (ingest.py), how often a source is due
(cadence.py), what is built of what landed (jobs.py).
"""

from functools import cache
from pathlib import Path

import dagster as dg

from ingestion.sources import SOURCES
from orchestration import cadence
from orchestration.cadence import Cadence
from orchestration.clocks import checks as of_clocks
from orchestration.defs import clocks, ingest
from orchestration.interruption import in_process
from orchestration.loads import LANDS, load_config, switched_on
from orchestration.progress import progress

LOAD = "load"


def _landed(sources: list[str]) -> dg.AssetSelection:
    """What these sources land, and whether their data is late. What is expected of it is looked at with the build."""
    landed = dg.AssetSelection.key_prefixes(*[[name] for name in sources]).without_checks()
    return landed | dg.AssetSelection.checks(*_whether_late(sources))


def _whether_late(sources: list[str]) -> list[dg.AssetCheckKey]:
    return [key for key in of_clocks() if key.asset_key.path[0] in sources]


def scheduled(name: str, cron: str, sources: list[str], *, census: bool, why: str) -> dg.ScheduleDefinition:
    """One run of these sources, side by side."""

    def ask(_: dg.ScheduleEvaluationContext) -> dg.RunRequest:
        return dg.RunRequest(
            run_config=load_config(census=census, sources=sources, retries=cadence.RETRIES),
            asset_selection=[dg.AssetKey([source, one.name]) for source in sources for one in SOURCES[source].streams],
            # Without them Dagster runs every check of these assets, also those that the job does not have.
            asset_check_keys=_whether_late(sources),
        )

    return dg.ScheduleDefinition(
        name=name,
        job_name=LOAD,
        cron_schedule=cron,
        execution_fn=ask,
        description=why,
        default_status=dg.DefaultScheduleStatus.RUNNING,
    )


@dg.definitions
def defs() -> dg.Definitions:
    on = [source.name for source in switched_on()]
    everything = _landed(on)
    loads = [
        dg.define_asset_job(f"load_{name}", _landed([name]), description=f"Lands what is new in {name}.", tags=LANDS)
        for name in on
    ]
    resyncs = [
        dg.define_asset_job(
            f"resync_{name}",
            _landed([name]),
            description=f"Reads all of {SOURCES[name].title} again from its first day, whatever the cursor; lands only "
            f"what differs: prodops load {name} --resync.",
            config=load_config(census=True, resync=True, retries=cadence.RETRIES, sources=[name]),
            tags=LANDS,
        )
        for name in on
    ]
    load = dg.define_asset_job(LOAD, everything, description="Lands what is new in every source.", tags=LANDS)
    resync = dg.define_asset_job(
        "full_resync",
        everything,
        description="Reads every source again from its first day; lands only what differs.",
        config=load_config(census=True, resync=True, retries=cadence.RETRIES),
        tags=LANDS,
    )
    new = "What is new by the cursor; deletions are looked for once a day."
    rhythms: dict[Cadence, list[str]] = {}
    for name in on:
        rhythms.setdefault(cadence.LOADED[name], []).append(name)
    schedules = [
        scheduled(f"load_{rhythm.name}", rhythm.cron, sources, census=False, why=new)
        for rhythm, sources in rhythms.items()
        if rhythm.cron
    ]
    gone = "What is new, and what was deleted: every source lists all that it has."
    schedules.append(scheduled("census", cadence.CENSUS, on, census=True, why=gone))
    again = dg.ScheduleDefinition(
        job=resync,
        cron_schedule=cadence.RESYNC,
        description="What a cursor missed: every source is read again from its first day.",
        # The job's own reaches only runs of a partition: it has events in it, by the day.
        run_config=load_config(census=True, resync=True, retries=cadence.RETRIES),
        default_status=dg.DefaultScheduleStatus.RUNNING,
    )
    return dg.Definitions(jobs=[load, resync, *loads, *resyncs], schedules=[*schedules, again])


def alone(home: Path) -> dg.Definitions:
    """What lands without what is built of it, once per process, home and sources that are on: dbt's part takes 3 CPU-s
    to import and to define, and no load needs it."""
    return _alone(home, tuple(source.name for source in switched_on()))


@cache
def _alone(_home: Path, _on: tuple[str, ...]) -> dg.Definitions:
    running = dg.Definitions(executor=in_process, loggers={"progress": progress})
    return dg.Definitions.merge(running, ingest.defs(), clocks.defs(), defs())
