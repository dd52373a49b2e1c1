"""Expectations of quality/ as checks: of each stream on its landing, of each mart on the mart.

Belongs here: which expectations run together, how what they found shows. Does not: expectations and looking for them
(quality/expectations), what a red one holds back (gate.py).

Those of a landing are no blocking checks to Dagster: it would leave out the whole build behind one. The gate holds back
the marts that are built from the stream instead. They run before the build, as steps of one process go by priority.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import dagster as dg

from ingestion.home import home
from ingestion.sources import SOURCES, Source
from orchestration import gate
from quality.expectations import landed, marts
from quality.expectations.catalogue import MARTS, Expectation
from serving.published import current

if TYPE_CHECKING:
    from quality.expectations.suites import Found

FIRST = {"dagster/priority": "10"}
SHOWN = 20


def specs(expectations: Iterable[Expectation]) -> list[dg.AssetCheckSpec]:
    """Each expectation as a row in the UI."""
    return [
        dg.AssetCheckSpec(
            one.rule.name,
            asset=[one.source, one.stream],
            description=one.rule.description,
            blocking=one.rule.is_blocking and one.source == MARTS,
        )
        for one in expectations
    ]


def of_source(source: Source) -> dg.AssetChecksDefinition:
    """What is expected of what a source landed since its last good load."""
    expected = [one for stream in source.streams for one in landed.of_stream(source.name, stream)]

    @dg.multi_asset_check(name=f"{source.name}_as_expected", specs=specs(expected), can_subset=True, op_tags=FIRST)
    def check(context: dg.AssetCheckExecutionContext) -> Iterator[dg.AssetCheckResult]:
        asked = context.selected_asset_check_keys
        number = Counter(key.asset_key.path[-1] for key in asked)
        streams = [stream for stream in source.streams if stream.name in number]
        # Of which one was asked for alone, by a person, the others are still to look at these loads.
        whole = {one.name for one in streams if number[one.name] == len(landed.of_stream(source.name, one))}
        yield from results(asked, landed.judged(source.name, streams, whole))

    return check


def of_marts() -> dg.AssetChecksDefinition:
    """What is expected of marts before they are published."""
    described = gate.described_marts()
    expected = [one for mart in described for one in marts.of_mart(mart)]

    @dg.multi_asset_check(name="marts_as_expected", specs=specs(expected), can_subset=True)
    def check(context: dg.AssetCheckExecutionContext) -> Iterator[dg.AssetCheckResult]:
        asked = context.selected_asset_check_keys
        names = {key.asset_key.path[-1] for key in asked}
        served = current(home())
        files = {mart: served.file_of(mart) for mart in served.manifest["marts"]} if served else {}
        looked_at = [mart for mart in described if mart.name in names]
        yield from results(asked, marts.judged(home() / "warehouse.duckdb", looked_at, files))

    return check


def results(asked: Iterable[dg.AssetCheckKey], found: Iterable["Found"]) -> Iterator[dg.AssetCheckResult]:
    """What was found as Dagster shows it. Culprits are ids, fields and periods; of what is restricted only numbers."""
    wanted = set(asked)
    for one in found:
        asset, name = dg.AssetKey([one.expectation.source, one.expectation.stream]), one.expectation.rule.name
        if dg.AssetCheckKey(asset, name) not in wanted:
            continue
        yield dg.AssetCheckResult(
            asset_key=asset,
            check_name=name,
            passed=one.is_green,
            severity=dg.AssetCheckSeverity.ERROR if one.expectation.rule.is_blocking else dg.AssetCheckSeverity.WARN,
            description=one.text,
            metadata={
                "data docs": dg.MetadataValue.path(one.page),
                "culprits": dg.MetadataValue.json(list(one.culprits[:SHOWN])),
            },
        )


@dg.definitions
def defs() -> dg.Definitions:
    return dg.Definitions(asset_checks=[*(of_source(source) for source in SOURCES.values()), of_marts()])
