"""Each expectation broken by one mistake in a copy of what it looks at; and red ones where nothing is wrong.

Belongs here: a recipe for each kind of expectation, alarms of companies whose data is right. Does not: the expectations
(quality/expectations), mistakes in models (mutations.py) and in sums (proof_mutations.py).

A recipe for a landing lands a load more, as dlt would, or changes the load that is looked at; one for a mart changes a
copy of the warehouse. An expectation that is red before, that stays green, or that names nothing of what was spoiled,
counts as survived.
"""

import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from ingestion import sql
from ingestion.manifests import Stream, Zone, read_manifest, refresh, zone_of
from ingestion.sources import SOURCES
from orchestration import gate, manifest
from quality.expectations import landed, marts
from quality.expectations.batches import WRAPPED
from quality.expectations.catalogue import Expectation
from quality.expectations.values import NEEDED, RATE_STEPS, VALUES, Value
from serving.published import current
from tests.end_to_end.play import Play, days_of_runs
from tests.environment import environment_kept
from tests.orchestration.conftest import behind
from tests.torture.check_mutations import Change, Outcome, marts_among

STRANGE = "as-nobody-documented"
STEADY = "steady"
"""A field that every record is given, because a stream may have none but those that models need."""
COPIES = 150
"""Records of a stream are repeated under other ids to as many, where a rule wants to know of more than there are."""


def set_path(record: dict[str, Any], path: str, value: object) -> None:
    """Puts a value at a dotted path of a record."""
    *above, last = path.split(".")
    for name in above:
        record = record.setdefault(name, {}) if isinstance(record.get(name), dict | None) else record
    record[last] = value


def far(value: Value) -> object:
    """A value of the kind that the rule looks at, far out of its bounds."""
    bounds = value.rule.bounds
    if "value_set" in bounds:
        return STRANGE
    if "epoch(" in value.reading:
        return 4102444800  # 2100
    if "date_diff" in value.reading:
        return "2100-01-01T00:00:00.000+0000" if "timestamptz" in value.reading else "2100-01-01"
    return -5 if "min_value" in bounds else 10**9


class Landings:
    """The streams of a home, each with what it holds, and loads that are put on top."""

    def __init__(self, home: Path) -> None:
        self.home, self.number = home, 0

    def records(self, source: str, stream: Stream) -> list[dict[str, Any]]:
        """The newest rows of a stream that are alive, repeated under other ids to ``COPIES``; each with one field more
        that no model needs."""
        zone = zone_of(stream)
        manifest = read_manifest(zone, source, stream.name)
        files = [zone.readable(file.path) for file in manifest.files if file.rows] if manifest else []
        if not files:
            return []
        with duckdb.connect() as connection:
            connection.execute("set timezone = 'UTC'")
            order = "_dlt_load_id" if stream.is_events else "(_dlt_load_id, sequence)"
            key = "insert_id" if stream.is_events else "record_id"
            rows = connection.execute(
                f"select * from read_parquet({sql.texts(files)}) where payload is not null "
                f"qualify row_number() over (partition by {key} order by {order} desc) = 1 order by {key}"
            ).to_arrow_table()
        field = f"{WRAPPED[source, stream.name]}.{STEADY}" if (source, stream.name) in WRAPPED else STEADY
        found = [changed(row, lambda record: set_path(record, field, "kept")) for row in rows.to_pylist()]
        whole = len(found)
        while found and len(found) < COPIES:
            again = dict(found[len(found) % whole])
            again["insert_id" if stream.is_events else "record_id"] += f"-{len(found)}"
            found.append(again)
        return found

    def land(self, source: str, stream: Stream, rows: Sequence[Mapping[str, Any]]) -> None:
        """One more load of a stream."""
        zone: Zone = zone_of(stream)
        self.number += 1
        load_id = f"{9_000_000_000 + self.number}.0"
        table = pa.Table.from_pylist([{**row, "_dlt_load_id": load_id} for row in rows], schema=stream.schema)
        pq.write_table(table, zone.path(f"{source}/{stream.name}/{load_id}.0000.parquet"))
        Path(zone.path(f"{source}/_dlt_loads/{source}__{load_id}.jsonl")).touch()
        refresh(zone, source, stream)


def changed(row: Mapping[str, Any], change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    """A row with another payload."""
    record = json.loads(row["payload"])
    change(record)
    return {**row, "payload": json.dumps(record), "payload_hash": None}


def weekdays(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Days of upload a week apart with 120 events each, the last of them with 5, and one event of the day after."""
    days = [(datetime(2027, 1, 4 + 7 * week, 9, tzinfo=UTC), 120) for week in range(4)]
    days += [(datetime(2027, 2, 1, 9, tzinfo=UTC), 5), (datetime(2027, 2, 2, 9, tzinfo=UTC), 1)]
    return [{**rows[0], "insert_id": f"{hour}-{n}", "export_hour": hour} for hour, lines in days for n in range(lines)]


def spoilt(expectation: Expectation, stream: Stream, rows: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], str]:
    """A load in which one thing is wrong, and what a person must read to find it."""
    rule, place = expectation.rule.name, (expectation.source, expectation.stream)
    wrapper = WRAPPED.get(place)
    prefix = f"{wrapper}." if wrapper else ""
    if rule == "volume_as_before" and not stream.is_events:
        return [{**row, "record_id": f"{row['record_id']}-again"} for row in rows], "records"
    if rule == "volume_as_before":
        return weekdays(rows), "2027-02-01: 5 events"
    if rule == "needed_fields_are_filled":
        field = NEEDED[place][-1]
        return [changed(row, lambda record: set_path(record, field, None)) for row in rows], field
    if rule == "no_new_fields":
        return [changed(row, lambda record: set_path(record, f"{prefix}brand_new", 1)) for row in rows], "brand_new"
    if rule == RATE_STEPS.name:
        slipped = str(float(json.loads(rows[0]["payload"])["rate"]) * 100)
        return [changed(rows[0], lambda record: set_path(record, "rate", slipped))], str(rows[0]["record_id"])
    field = prefix + STEADY
    if rule == "fields_filled_as_before":
        return [changed(row, lambda record: set_path(record, field, None)) for row in rows], field
    if rule == "types_as_before":
        return [changed(row, lambda record: set_path(record, field, 7)) for row in rows], field
    value = next(one for one in VALUES[place] if one.rule.name == rule)
    named = value.path if stream.is_restricted else str(rows[0]["record_id"])
    return [changed(rows[0], lambda record: set_path(record, value.path, far(value)))], named


def landings_broken(home: Path, work: Path) -> Iterator[str]:
    """Expectations of landings that a mistake turns red, in a copy of a home where each stream is known."""
    for source in SOURCES.values():
        for stream in source.streams:
            base = work / "known"
            shutil.rmtree(base, ignore_errors=True)
            with environment_kept():
                os.environ["PRODOPS_HOME"] = str(base)
                _copy_of(home, base, source.name)
                rows, red_before = _known(base, source.name, stream)
                for one in landed.of_stream(source.name, stream) if rows else ():
                    spoilt_home = work / "spoilt"
                    shutil.rmtree(spoilt_home, ignore_errors=True)
                    shutil.copytree(base, spoilt_home)
                    os.environ["PRODOPS_HOME"] = str(spoilt_home)
                    if one not in red_before and _is_noticed(spoilt_home, one, stream, rows):
                        yield one.id
                    os.environ["PRODOPS_HOME"] = str(base)


def _copy_of(home: Path, base: Path, source: str) -> None:
    for zone in ("landing", "restricted/landing"):
        if (home / zone / source).exists():
            shutil.copytree(home / zone / source, base / zone / source)


def _known(base: Path, source: str, stream: Stream) -> tuple[list[dict[str, Any]], list[Expectation]]:
    """Lands what the stream holds once more, with enough records to judge by, and has it looked at; what is red then is
    broken by nothing of ours."""
    landings = Landings(base)
    rows = landings.records(source, stream)
    if not rows:
        return [], []
    landings.land(source, stream, rows)
    found = landed.judged(source, [stream], {stream.name})
    return rows, [one.expectation for one in found if not one.is_green]


def _is_noticed(home: Path, expectation: Expectation, stream: Stream, rows: list[dict[str, Any]]) -> bool:
    landings = Landings(home)
    wrong, named = spoilt(expectation, stream, rows)
    landings.number = 1
    landings.land(expectation.source, stream, wrong)
    found = {one.expectation.rule.name: one for one in landed.judged(expectation.source, [stream], {stream.name})}
    one = found[expectation.rule.name]
    return not one.is_green and one.error is None and named in one.text


MART_MISTAKES: Mapping[str, Callable[[marts.Described], tuple[str, str]]] = {
    "rows_are_there": lambda mart: (f"delete from marts.{mart.name}", "'0 rows'"),
    "counts_not_negative": lambda mart: _one_row(mart, mart.counts[0], "-1"),
    "shares_are_shares": lambda mart: _one_row(mart, marts.SHARES[mart.name][0], "1.5"),
    "magnitude_as_published": lambda mart: (
        f"update marts.{mart.name} set {mart.added[0]} = {mart.added[0]} * 10",
        f"'{mart.added[0]}'",
    ),
    "periods_without_gaps": lambda mart: (
        f"delete from marts.{mart.name} where {mart.period} = {_third_period(mart)}",
        f"'1 missing, the first is ' || {_third_period(mart)}",
    ),
    "as_of_not_ahead": lambda mart: (
        f"update marts.{mart.name} set data_as_of = (select max(data_as_of) + interval 400 day from marts.{mart.name}) "
        f"where {FIRST_ROW.format(mart.name)}",
        f"(select 'data as of ' || (max(data_as_of) + interval 400 day) from marts.{mart.name})",
    ),
}
"""One row for whatever a row can show; a whole period, measure or mart for what only those can. With what a person must
read to find it, as SQL over the mart as it was."""
FIRST_ROW = "rowid = (select min(rowid) from marts.{})"


def _one_row(mart: marts.Described, column: str, value: str) -> tuple[str, str]:
    place, row = f"marts.{mart.name}", FIRST_ROW.format(mart.name)
    key = "concat_ws(', ', " + ", ".join(f"{one}::varchar" for one in mart.key) + ")"
    return (
        f"update {place} set {column} = {value} where {row}",
        f"(select '{column} of ' || {key} from {place} where {row})",
    )


def _third_period(mart: marts.Described) -> str:
    return f"(select distinct {mart.period} from marts.{mart.name} order by 1 limit 1 offset 2)"


def marts_broken(
    warehouse: Path, described: Sequence[marts.Described], published: Mapping[str, Path], work: Path
) -> Iterator[str]:
    """Expectations of marts that a mistake turns red, in copies of one mart at a time."""
    red_before = [one.expectation for one in marts.judged(warehouse, described, published) if not one.is_green]
    for mart in described:
        for one in marts.of_mart(mart):
            copy = work / "spoilt.duckdb"
            copy.unlink(missing_ok=True)
            statement, named = MART_MISTAKES[one.rule.name](mart)
            with duckdb.connect(str(copy)) as connection:
                connection.execute(f"attach {sql.text(warehouse)} as whole (read_only); create schema marts")
                for table in {mart.name, "dim_fiscal_period"}:
                    connection.execute(f"create table marts.{table} as from whole.marts.{table}")
                row = connection.execute(f"select {named}").fetchone()
                connection.execute(statement)
            found = next(found for found in marts.judged(copy, [mart], published) if found.expectation == one)
            if one not in red_before and not found.is_green and found.error is None and row and row[0] in found.text:
                yield one.id


def alarms(home: Path, seed: int, runs: int) -> tuple[int, list[str]]:
    """How many expectations were looked for while a company without a mistake lands in so many runs, and what was
    red all the same."""
    looked, red = 0, []
    play = Play(home, seed)
    with play.served():
        for day in days_of_runs(seed, runs):
            play.load(day)
            for source in SOURCES.values():
                for one in landed.judged(source.name, source.streams, {stream.name for stream in source.streams}):
                    looked += 1
                    if not one.is_green:
                        red.append(f"seed {seed}, {day[:10]}: {one.expectation.id}: {one.text}")
    return looked, red


def expectations_mutated(home: Path, work: Path) -> list[Outcome]:
    """Every expectation of a company that was run, broken once; what it landed and built stays as it is."""
    os.environ["PRODOPS_HOME"] = str(home)
    described, served = gate.described_marts(), current(home)
    files = {mart: served.file_of(mart) for mart in served.manifest["marts"]} if served else {}
    broken = {*landings_broken(home, work), *marts_broken(home / "warehouse.duckdb", described, files, work)}
    return [outcome(key, one, is_broken=one.id in broken) for key, one in gate.expectations().items()]


def outcome(key: dg.AssetCheckKey, one: Expectation, *, is_broken: bool) -> Outcome:
    """What became of an expectation; of one that only warns no mart is held back."""
    root = manifest.source_id(one.source, one.stream) if one.source in SOURCES else f"model.prodops.{one.stream}"
    expected = marts_among(behind({root})) if one.rule.is_blocking else set()
    held = set(gate.held_by(key, gate.RED)) if key in gate.beside_dbt() else set()
    kind = "expected of a load" if one.source in SOURCES else "expected of a mart"
    change = Change(f"{one.source}.{one.stream}", one.rule.name, "") if is_broken else None
    return Outcome(manifest.on_asset(key), kind, change, wrong_marts=tuple(sorted(held ^ expected)))
