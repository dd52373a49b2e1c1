"""Board packs as an asset, after what is published.

Belongs here: which packs are written when. Does not: what is in one and how it is written (serving/board).

A run by itself writes the pack of the newest quarter that is over for each audience that has none, and once more when
the books of that quarter were closed; whatever a person asks for is written anew. So what a board has seen stays until
somebody replaces it. A pack that fails costs itself: what is published stays as it is.
"""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
from pydantic import Field

from ingestion import disk, lease
from ingestion.errors import Mistakes, ProdopsError
from ingestion.home import home
from orchestration import versions
from orchestration.cadence import PACKS
from orchestration.defs import publish
from orchestration.failures import failure
from serving import frozen
from serving.board import packs
from serving.board.book import PackError, every_audience
from serving.published import current

KEY = dg.AssetKey(["board", "packs"])
STEP = KEY.to_python_identifier()


JOB = dg.define_asset_job(
    "board",
    dg.AssetSelection.assets(KEY),
    description="Writes the board packs of a period from what is published: prodops board.",
)


class PackConfig(dg.Config):
    """What ``prodops board`` takes as options."""

    period: str | None = Field(None, description="Fiscal quarter or period, FY26-Q3; the newest quarter that is over.")
    audiences: list[str] = Field([], description="company, a portfolio's id or product:<id>; all but products if none.")
    anew: bool = Field(False, description="Whether packs are written that are there already.")


def due() -> list[str]:
    """The audiences whose pack of the newest quarter is missing, or was written before its books were closed."""
    served = current(home())
    return packs.due(home(), served) if served else []


def written_packs(config: PackConfig) -> tuple[list[Path], list[ProdopsError]]:
    """Writes what is asked for, or due; the folders, and why others could not be written."""
    from serving.board import forms  # here, because its libraries take a second to import and no other step needs them

    snapshot = current(home())
    if snapshot is None:
        raise PackError("no pack: nothing is published yet; run prodops run")
    by_itself = every_audience(snapshot) if config.anew else packs.due(home(), snapshot)
    written, failed = list[Path](), list[ProdopsError]()
    if not (wanted := config.audiences or by_itself):
        return written, failed
    made_from = frozen.freeze(home(), snapshot, versions.code_version(), versions.PROJECT).summary
    for audience in wanted:
        try:
            pack = packs.make(snapshot, audience, config.period)
            written.append(packs.write(home(), pack, forms.rendered(pack, made_from)))
        except ProdopsError as error:
            failed.append(error)
    return written, failed


@dg.definitions
def defs() -> dg.Definitions:
    @dg.asset(
        key=KEY,
        deps=[publish.KEY],
        group_name="published",
        owners=["team:product-ops"],
        kinds={"powerpoint"},
        description="Board packs: for the company and each portfolio the figures of a quarter as slides, workbook, "
        "page and data, each number with the row of the snapshot that it is.",
        pool="warehouse",
        freshness_policy=PACKS.freshness,
    )
    def board_packs(config: PackConfig) -> Iterator[dg.MaterializeResult]:
        try:
            with disk.named(), lease.hold(home(), "publish", lease.PATIENCE_SECONDS):
                written, failed = written_packs(config)
        except ProdopsError as error:
            raise failure(error) from None
        if written or not failed:
            yield dg.MaterializeResult(metadata={"packs": list(map(str, written))})
        if failed:
            raise failure(failed[0] if len(failed) == 1 else Mistakes(failed))

    @dg.schedule(
        job=JOB,
        cron_schedule=PACKS.cron,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description="When a quarter of the company's calendar is over, and again when its books are closed: its packs.",
    )
    def quarterly_packs() -> dg.RunRequest | dg.SkipReason:
        missing = due()
        return dg.RunRequest() if missing else dg.SkipReason("each audience has the pack of the newest quarter")

    return dg.Definitions(assets=[board_packs], jobs=[JOB], schedules=[quarterly_packs])
