"""Jobs that build, check and publish, and when.

Belongs here: which assets run together and when. Does not: jobs that only land (loading.py), the books' close
(closing.py), upkeep (upkeep.py), how often a group is due (cadence.py).
"""

import dagster as dg

from ingestion.clock import now
from ingestion.errors import DiskFullError
from ingestion.home import home
from ingestion.sources import SOURCES
from orchestration import cadence, gate, manifest, plan
from orchestration.defs import board, publish
from orchestration.defs.restating import restate
from orchestration.failures import HELD, NO_STEP, why
from orchestration.interruption import in_process
from orchestration.loads import LANDS, load_config
from orchestration.progress import progress
from serving.publish import mark_stale

ALL = dg.AssetSelection.all()
CHECK = dg.define_asset_job(
    "check",
    dg.AssetSelection.all_asset_checks() - dg.AssetSelection.checks_for_assets(publish.KEY),
    description="Runs every test and proof again, without building.",
)
PUBLISH = dg.define_asset_job(
    "publish",
    dg.AssetSelection.assets(publish.KEY),
    description="Publishes every mart that no blocking check holds back.",
)
OF_THE_REST = {"prodops/of": "the rest of a build that failed"}
UNDER_WAY = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]


@dg.sensor(
    job_name="main",
    minimum_interval_seconds=cadence.LOOK.seconds,
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
    request_jobs=[CHECK, PUBLISH],
    minimum_interval_seconds=cadence.LOOK.seconds,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="A run that failed leaves the last good snapshot served; this marks it stale. Where a build failed, it "
    "has the rest proven and published.",
)
def failed_run_is_marked(context: dg.RunFailureSensorContext) -> dg.RunRequest | None:
    run = context.dagster_run
    failed = {event.step_key or "" for event in context.get_step_failure_events()}
    if failed == {board.STEP} or HELD.items() <= run.tags.items():
        return None  # what may be published is, and marked as it should be
    found = why(context.instance, run.run_id)
    if run.job_name != restate.name:  # which changes nothing published
        mark_stale(home(), found.first or NO_STEP.format(context.failure_event.message), now())
    if found.exit_code == DiskFullError.exit_code:
        return None  # what is published stays as it is until there is room
    # Where a source failed nothing was built in this run: what_is_due has all that does not need it built.
    if run.job_name == "main" and failed and not any(step.startswith("land_") for step in failed):
        return dg.RunRequest(job_name=CHECK.name, asset_check_keys=[*gate.proofs()], tags=OF_THE_REST)
    return rest_published(run)


@dg.run_status_sensor(
    run_status=dg.DagsterRunStatus.SUCCESS,
    monitored_jobs=[CHECK],
    request_job=PUBLISH,
    minimum_interval_seconds=cadence.LOOK.seconds,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Has the marts published that a build which failed left as they should be.",
)
def rest_is_proven(context: dg.RunStatusSensorContext) -> dg.RunRequest | None:
    return rest_published(context.dagster_run)


def rest_published(proven: dg.DagsterRun) -> dg.RunRequest | None:
    """Asks for what follows when the rest of a build that failed is proven, whether it is green or not."""
    is_asked = proven.job_name == CHECK.name and OF_THE_REST.items() <= proven.tags.items()
    return dg.RunRequest(job_name=PUBLISH.name) if is_asked else None


@dg.definitions
def defs() -> dg.Definitions:
    built = dg.AssetSelection.assets(*manifest.assets().values(), *manifest.results().values())
    landed = dg.AssetSelection.checks(*(key for key, one in gate.expectations().items() if one.source in SOURCES))
    main = dg.define_asset_job("main", ALL, description="Lands, builds, checks and publishes everything.")
    jobs = [
        main,
        dg.define_asset_job("build", built | landed, description="Builds the warehouse from landing and tests it."),
        dg.define_asset_job(
            "rebuild",
            built | landed,
            description="Deletes the warehouse and builds it again from landing, without one call to a source: "
            "prodops rebuild.",
            config={"ops": {"build_warehouse": {"config": {"anew": True}}}},
        ),
        CHECK,
        PUBLISH,
    ]
    schedules = [
        dg.ScheduleDefinition(
            job=main,
            cron_schedule=cadence.MAIN,
            description="Everything is landed, built, proven and published, due or not.",
            run_config=load_config(census=True, retries=cadence.RETRIES),
            tags=LANDS,
            default_status=dg.DefaultScheduleStatus.RUNNING,
        )
    ]
    return dg.Definitions(
        jobs=jobs,
        schedules=schedules,
        sensors=[what_is_due, failed_run_is_marked, rest_is_proven],
        executor=in_process,
        loggers={"console": dg.colored_console_logger, "progress": progress},
    )
