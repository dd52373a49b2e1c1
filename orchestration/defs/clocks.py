"""Whether data is late and whether books were opened again: checks that warn, on what landed.

Belongs here: where they hang. Does not: what they say (orchestration/clocks.py), when loads are late (Dagster's
freshness policies, cadence.py).
"""

import dagster as dg

from ingestion.sources import Source
from orchestration import clocks
from orchestration.cadence import NEWEST
from orchestration.clocks import Verdict
from orchestration.loads import switched_on


def newest_data(source: Source) -> dg.AssetChecksDefinition:
    """Whether the newest data of a source is as new as it should be, however well its loads end."""

    # After what a build makes, where one is in the run: only then is known what has landed.
    @dg.asset_check(
        asset=[source.name, NEWEST[source.name].stream],
        name=clocks.NEWEST_DATA,
        additional_deps=[clocks.UNITED],
        description=f"Yellow: the newest {NEWEST[source.name].words} is older than cadence.py expects, so loads of "
        f"{source.title} end well and bring nothing new, and all figures made from it stand still. Next: the data team "
        "looks whether the vendor has newer data than the result names.",
    )
    def check() -> dg.AssetCheckResult:
        return result(clocks.newest_data(source.name))

    return check


@dg.asset_check(
    asset=clocks.BOOKS,
    name=clocks.CLOSED_BOOKS,
    additional_deps=[clocks.UNITED],
    description="Yellow: the books are closed less far than they ever were, so figures of a period that was opened "
    "again are estimates. Next: finance closes it in QuickBooks.",
)
def closed_books() -> dg.AssetCheckResult:
    return result(clocks.closed_books())


def result(verdict: Verdict) -> dg.AssetCheckResult:
    """A verdict as Dagster shows it; it holds nothing back."""
    return dg.AssetCheckResult(passed=verdict.is_well, severity=dg.AssetCheckSeverity.WARN, description=verdict.text)


@dg.definitions
def defs() -> dg.Definitions:
    on = switched_on()
    books = [closed_books] if any(source.name == clocks.BOOKS.path[0] for source in on) else []
    return dg.Definitions(asset_checks=[*map(newest_data, on), *books])
