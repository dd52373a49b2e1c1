"""Jobs that keep the home small, and when.

Belongs here: compaction of what landed, pruning of what Dagster and dbt wrote of runs. Does not: what may go and what
must stay (ingestion/compaction.py, retention.py).
"""

import dagster as dg

from ingestion.compaction import compact as compact_source
from ingestion.home import home
from ingestion.sources import streams_by_source
from orchestration import cadence, retention
from orchestration.failures import reported


@dg.op(description="Makes small landing files of every source one.")
def compact_landing(context: dg.OpExecutionContext) -> None:
    for source, streams in streams_by_source().items():
        with reported():
            for done in compact_source(source, streams):
                context.log.info(f"{done.source}.{done.stream}: {done.before} files to {done.after}")


@dg.job(description="Compacts the landing zone.")
def compact() -> None:
    compact_landing()


@dg.op(description="Forgets old runs that later ones have replaced, and turns the log of dbt.")
def forget_runs(context: dg.OpExecutionContext) -> None:
    forgotten = retention.prune(context.instance)
    retention.turn(home() / "logs" / "dbt.log")
    context.log.info(f"{forgotten} runs forgotten")


@dg.job(description="Keeps what Dagster and dbt write of runs from growing.")
def prune() -> None:
    forget_runs()


@dg.definitions
def defs() -> dg.Definitions:
    nightly = {compact: cadence.COMPACT, prune: cadence.PRUNE}
    schedules = [
        dg.ScheduleDefinition(
            job=job,
            cron_schedule=cron,
            description=job.description,
            default_status=dg.DefaultScheduleStatus.RUNNING,
        )
        for job, cron in nightly.items()
    ]
    return dg.Definitions(jobs=[*nightly], schedules=schedules)
