"""Accepting restatements in the UI, as ``prodops restate accept`` does.

Belongs here: the job and what it asks for. Does not: finding and keeping restatements (serving/restatements.py).
"""

import dagster as dg
from pydantic import Field

from ingestion import clock, lease
from ingestion.errors import ProdopsError
from ingestion.home import home
from orchestration.failures import failure
from serving import restatements


class RestateConfig(dg.Config):
    """What ``prodops restate accept`` takes as arguments."""

    periods: list[str] = Field([], description="Periods to accept, as FY26-P03; where none is named, all that wait.")


@dg.op(description="Accepts figures of closed periods that would change.")
def accept_restatements(context: dg.OpExecutionContext, config: RestateConfig) -> None:
    try:
        with lease.hold(home(), "restate", lease.PATIENCE_SECONDS):
            taken = restatements.accept(home(), config.periods, clock.now())
    except ProdopsError as error:
        raise failure(error) from None
    context.log.info(restatements.accepted(taken))


@dg.job(
    description="Accepts figures of closed periods that would change, which prodops restate list shows; the next "
    "publish shows them: prodops restate accept."
)
def restate() -> None:
    accept_restatements()


@dg.definitions
def defs() -> dg.Definitions:
    return dg.Definitions(jobs=[restate])
