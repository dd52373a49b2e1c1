"""The monthly close.

Belongs here: what a closing of the books sets off. Does not: closing them, which finance does in QuickBooks, nor what
may change afterwards (serving/restatements.py).

Figures of a period are estimates until its last day is not after the closing date of the books; the load that brings a
later date makes them final by itself, as any news. From then on a change is a restatement that waits for a person. So
once, right then, every source is looked through for what it has and lacks, and everything is built and proven again:
what is still missing of the period shows on the first day and not in the next week's census.
"""

from datetime import date

import dagster as dg

from ingestion.home import home
from orchestration import cadence
from orchestration.loads import LANDS, load_config
from serving.published import current

OF_THE_CLOSE = "prodops/close"
MART = "mart_revenue"


def closed_until() -> date | None:
    """The last day whose figures are published as final; None where none is."""
    served = current(home())
    if served is None or MART not in served.manifest["marts"]:
        return None
    with served.connect(MART) as marts:
        (last,) = marts.execute(f"select max(period_end_date) from {MART} where is_closed").fetchall()[0]
    return last if isinstance(last, date) else None


@dg.sensor(
    job_name="main",
    minimum_interval_seconds=cadence.CLOSE.seconds,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="When the books of a period were closed: every source is read with its census, everything is built, "
    "proven and published again.",
)
def books_are_closed(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    until = closed_until()
    if until is None or until.isoformat() <= (context.cursor or ""):
        return dg.SkipReason(f"closed until {until}, as before" if until else "no period is closed")
    known = context.cursor
    context.update_cursor(until.isoformat())
    if known is None:
        return dg.SkipReason(f"closed until {until} when this began")
    return dg.RunRequest(
        run_key=f"{OF_THE_CLOSE} {until}",
        run_config=load_config(census=True, retries=cadence.RETRIES),
        tags={OF_THE_CLOSE: until.isoformat(), **LANDS},
    )


@dg.definitions
def defs() -> dg.Definitions:
    return dg.Definitions(sensors=[books_are_closed])
