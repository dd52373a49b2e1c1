"""Jobs that build, check, publish and compact, and when.

Belongs here: which assets run together and when. Does not: jobs that only land (loading.py), how often a group is due
(cadence.py).
"""

import dagster as dg

from ingestion.clock import now
from ingestion.compaction import compact as compact_source
from ingestion.errors import ProdopsError
from ingestion.home import home
from ingestion.sources import SOURCES
from orchestration import cadence, manifest, plan
from orchestration.defs import publish
from orchestration.failures import failure
from orchestration.progress import progress
from serving.publish import mark_stale

ALL = dg.AssetSelection.all()
UNDER_WAY = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]


@dg.op(description="Makes small landing files of every source one.")
def compact_landing(context: dg.OpExecutionContext) -> None:
    for source in SOURCES.values():
        try:
            for done in compact_source(source.name, source.streams):
                context.log.info(f"{done.source}.{done.stream}: {done.before} files to {done.after}")
        except ProdopsError as error:
            raise failure(error) from None


@dg.job(description="Compacts the landing zone.")
def compact() -> None:
    compact_landing()


@dg.sensor(
    job_name="main",
    minimum_interval_seconds=60,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Builds, checks and publishes what follows from new landings and from edited models, and no more.",
)
def what_is_due(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    if context.instance.get_runs(dg.RunsFilter(statuses=UNDER_WAY), limit=1):
        return dg.SkipReason("a run is under way")  # of loads side by side: one build, not one per source
    signature = plan.signature()
    if context.cursor == signature:
        return dg.SkipReason("nothing new since the last request")
    due = plan.due(context.instance)
    context.update_cursor(signature)
    if not due and not publish.is_due():
        return dg.SkipReason("nothing is due")
    return dg.RunRequest(asset_selection=[*due.assets, publish.KEY], asset_check_keys=[*due.checks, publish.CHECK.key])


@dg.run_failure_sensor(
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="A run that failed leaves the last good snapshot served; this marks it stale.",
)
def failed_run_is_marked(context: dg.RunFailureSensorContext) -> None:
    mark_stale(home(), f"{context.dagster_run.job_name} failed: {context.failure_event.message}", now())


@dg.definitions
def defs() -> dg.Definitions:
    built = dg.AssetSelection.assets(*manifest.assets().values())
    published = dg.AssetSelection.assets(publish.KEY)
    main = dg.define_asset_job("main", ALL, description="Lands, builds, checks and publishes everything.")
    jobs = [
        main,
        dg.define_asset_job("build", built, description="Builds the warehouse from landing and tests it."),
        dg.define_asset_job(
            "check",
            dg.AssetSelection.all_asset_checks() - dg.AssetSelection.checks_for_assets(publish.KEY),
            description="Runs every test and proof again, without building.",
        ),
        dg.define_asset_job("publish", published, description="Publishes the marts if every blocking check is green."),
        compact,
    ]
    schedules = [
        dg.ScheduleDefinition(job=main, cron_schedule=cadence.MAIN, default_status=dg.DefaultScheduleStatus.RUNNING),
        dg.ScheduleDefinition(
            job=compact, cron_schedule=cadence.COMPACT, default_status=dg.DefaultScheduleStatus.RUNNING
        ),
    ]
    return dg.Definitions(
        jobs=jobs,
        schedules=schedules,
        sensors=[what_is_due, failed_run_is_marked],
        executor=dg.in_process_executor,
        loggers={"console": dg.colored_console_logger, "progress": progress},
    )
