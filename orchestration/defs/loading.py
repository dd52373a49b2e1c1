"""Jobs that land, and when.

Belongs here: which landings run together. Does not: landing as assets (ingest.py), how often a source is due
(cadence.py), what is built of what landed (jobs.py).
"""

from functools import cache
from pathlib import Path

import dagster as dg

from ingestion.sources import SOURCES
from orchestration import cadence
from orchestration.defs import ingest
from orchestration.loads import load_config
from orchestration.progress import progress


@dg.definitions
def defs() -> dg.Definitions:
    everything = dg.AssetSelection.key_prefixes(*[[name] for name in SOURCES])
    loads = {
        name: dg.define_asset_job(
            f"load_{name}", dg.AssetSelection.key_prefixes([name]), description=f"Lands what is new in {name}."
        )
        for name in SOURCES
    }
    resyncs = [
        dg.define_asset_job(
            f"resync_{name}",
            dg.AssetSelection.key_prefixes([name]),
            description=f"Reads all of {source.title} again from its first day, whatever the cursor; lands only what "
            f"differs: prodops load {name} --resync.",
            config=load_config(census=True, resync=True, sources=[name]),
        )
        for name, source in SOURCES.items()
    ]
    load = dg.define_asset_job("load", everything, description="Lands what is new in every source.")
    resync = dg.define_asset_job(
        "full_resync",
        everything,
        description="Reads every source again from its first day; lands only what differs.",
        config=load_config(census=True, resync=True),
    )
    due = [
        dg.ScheduleDefinition(
            name=f"load_{name}_schedule",
            job=job,
            cron_schedule=cadence.LOADED[name].cron or "",
            run_config=load_config(census=False, sources=[name]),
            description="What is new by the cursor; deletions are looked for by the daily main job.",
            default_status=dg.DefaultScheduleStatus.RUNNING,
        )
        for name, job in loads.items()
    ]
    again = dg.ScheduleDefinition(
        job=resync,
        cron_schedule=cadence.RESYNC,
        # The job's own reaches only runs of a partition: it has events in it, by the day.
        run_config=load_config(census=True, resync=True),
        default_status=dg.DefaultScheduleStatus.RUNNING,
    )
    return dg.Definitions(jobs=[load, resync, *loads.values(), *resyncs], schedules=[*due, again])


@cache
def alone(home: Path) -> dg.Definitions:
    """What lands without what is built of it, once per process and home: dbt's part takes 3 CPU-s to import and to
    define, and no load needs it."""
    running = dg.Definitions(executor=dg.in_process_executor, loggers={"progress": progress})
    return dg.Definitions.merge(running, ingest.defs(), defs())
