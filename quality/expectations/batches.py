"""What landed of a stream since its last good load, as the small frame that its expectations look at.

Belongs here: which loads are a batch, what is remembered of those before, reading them with one statement a figure.
Does not: bounds (catalogue.py), comparing fields (drift.py), running expectations (suites.py).

A batch begins after the last load that was good: what a blocking expectation found stays in the batch until a newer
version of the record has landed, and a small load stays in it until there are enough records to judge shares by. What
is remembered lies in the home, ``expectations/<source>.<stream>.json``: counts by field, no value. Deleted, the next
load is a first one, with which nothing is compared.

The frame never holds a whole load. Of a field with documented values it has each distinct value with the first record
that has it, of a number the least and the greatest ones: a single wrong record is among them whatever the load's size.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import duckdb

from ingestion import sql
from ingestion.home import home, restricted
from ingestion.manifests import Manifest, Stream, Zone, read_manifest, zone_of
from ingestion.writes import write_atomically
from quality.expectations.catalogue import EVENTS_VOLUME, VOLUME, Rule
from quality.expectations.drift import ENOUGH, KNOWN, Field, Profile, merged, rows
from quality.expectations.values import NEEDED, RATE_STEPS, VALUES, Value

SHOWN = 5
SAMPLE = 10_000
"""Fields are counted in so many records of a batch at most, the newest."""
WRAPPED = {("jira", "issues"): "fields"}
"""Where the fields of a record lie under one of its own."""
WEEKS, DAYS = 4, 14
RECENT_SECONDS = 7 * 86400
"""Growth is looked at between loads that are no further apart."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is remembered of a stream. ``loads``: how many were looked at and the newest. ``since``, ``before``: where
    the batch with those began and what was known then; ``then_since``, ``then_before``: where the next one begins."""

    loads: tuple[int, str] = (0, "")
    since: str = ""
    before: Profile | None = None
    then_since: str = ""
    then_before: Profile | None = None


@dataclass(slots=True)
class Batch:
    """A batch, the rows of its frame, and what is remembered when it was judged."""

    source: str
    stream: Stream
    manifest: Manifest | None
    known: Known
    frame: list[dict[str, Any]] = field(default_factory=list)
    profile: Profile | None = None

    @property
    def loads(self) -> tuple[int, str]:
        return loads_of(self.manifest)

    @property
    def start(self) -> tuple[str, Profile | None]:
        """After which load it begins, and what was known then; the same as last time where nothing came since."""
        seen = self.loads == self.known.loads
        return (self.known.since, self.known.before) if seen else (self.known.then_since, self.known.then_before)

    def remember(self, *, is_good: bool) -> None:
        """Writes down that it was judged; the next one begins after it if it is good and large enough."""
        since, before = self.start
        then_since, then_before = since, before
        if is_good and self.profile is not None and (self.profile.records >= ENOUGH or self.stream.is_events):
            then_since, then_before = self.loads[1], merged(before, self.profile)
        known = Known(self.loads, since, before, then_since, then_before)
        write_atomically(_file(self.source, self.stream.name), json.dumps(asdict(known)))


def loads_of(manifest: Manifest | None) -> tuple[int, str]:
    """How many loads a stream has, and the newest."""
    return (len(manifest.load_ids), manifest.load_ids[-1]) if manifest and manifest.load_ids else (0, "")


def is_behind(source: str, stream: str, loads: tuple[int, str]) -> bool:
    """Whether a stream has loads that were not looked at."""
    number, newest = recall(source, stream).loads
    return loads[0] > number or loads[1] > newest


def recall(source: str, stream: str) -> Known:
    """What is remembered of a stream."""
    path = _file(source, stream)
    if not path.exists():
        return Known()
    read = json.loads(path.read_text())
    profiles = {name: _profile(read[name]) for name in ("before", "then_before")}
    return Known(tuple(read["loads"]), read["since"], then_since=read["then_since"], **profiles)


def batches(source: str, streams: Iterable[Stream]) -> Iterator[Batch]:
    """What there is to look at of streams of a source, read."""
    with duckdb.connect(config={"temp_directory": str(restricted() / "spill")}) as connection:
        connection.execute("set timezone = 'UTC'")
        for stream in streams:
            zone = zone_of(stream)
            if not zone.is_local:
                connection.register_filesystem(zone.fs)
            found = Batch(source, stream, read_manifest(zone, source, stream.name), recall(source, stream.name))
            if found.loads[0]:
                _read(connection, found, zone)
            yield found


def _read(connection: duckdb.DuckDBPyConnection, found: Batch, zone: Zone) -> None:
    since, before = found.start
    files = {
        name: sql.texts(zone.readable(file.path) for file in found.manifest.since(after)) if found.manifest else "[]"
        for name, after in (("whole", None), ("new", since))
    }
    connection.execute(f"set variable since = {sql.text(since)}")
    (_read_events if found.stream.is_events else _read_records)(connection, found, files)
    if found.profile is not None and found.source != "files":
        found.frame += rows(before, found.profile, NEEDED.get((found.source, found.stream.name), ()))
    for row in found.frame:
        row["stream"] = found.stream.name


def _read_records(connection: duckdb.DuckDBPyConnection, found: Batch, files: Mapping[str, str]) -> None:
    """The newest version of each record that the batch has, and how many records the stream has in all."""
    (row,) = connection.execute(f"""
        select count(*) filter (not is_deleted), max(read_at) from (
            select
                arg_max(is_deleted, (_dlt_load_id, sequence)) as is_deleted, epoch(max(extracted_at)) as read_at
            from read_parquet({files["whole"]}) group by record_id
        )
        """).fetchall()
    live, read_at = int(row[0]), float(row[1] or 0.0)
    before = found.start[1]
    if before is not None and before.live >= KNOWN:
        detail = f"{live} records, {before.live} at the last good load"
        times = live / before.live
        # What grew in months that nobody read is no sign of anything; what was lost is.
        is_recent = read_at - before.read_at <= RECENT_SECONDS
        found.frame.append({"key": "records", "detail": detail, VOLUME.column: times if is_recent else min(times, 1.0)})
    if found.source == "files":
        found.profile = Profile(live, live, read_at=read_at)
        return
    connection.execute(f"""
        create or replace temp view landed as
        select * from read_parquet({files["new"]}) where _dlt_load_id > getvariable('since');
        create or replace temp view batch as
        select landed.* from landed
        semi join (
            select record_id, max((_dlt_load_id, sequence)) as version from landed group by record_id
        ) as newest on landed.record_id = newest.record_id and (landed._dlt_load_id, landed.sequence) = newest.version
        where not landed.is_deleted and landed.payload is not null
        """)
    place = (found.source, found.stream.name)
    found.profile = replace(_fields(connection, live, WRAPPED.get(place)), read_at=read_at)
    if place == ("fx", "rates"):
        found.frame += _rate_steps(connection, files["whole"])
    found.frame += _values(connection, VALUES.get(place, ()), is_restricted=found.stream.is_restricted)


def _read_events(connection: duckdb.DuckDBPyConnection, found: Batch, files: Mapping[str, str]) -> None:
    """Lines of the newest landing of each hour; days of upload against the same weekday of the weeks before."""
    connection.execute(f"""
        create or replace temp view landed as
        select * from read_parquet({files["new"]}) where _dlt_load_id > getvariable('since');
        create or replace temp view batch as
        select payload, _dlt_load_id, 0 as sequence from landed
        semi join (
            select project_id, export_hour, max(_dlt_load_id) as load_id from landed group by all
        ) as newest
            on landed.project_id = newest.project_id and landed.export_hour = newest.export_hour
            and landed._dlt_load_id = newest.load_id
        where payload is not null;
        create or replace temp table days as
        with hours as (
            select project_id, export_hour, _dlt_load_id, count(payload) as lines
            from read_parquet({files["whole"]}) group by all
        ), newest as (
            select project_id, export_hour, arg_max(lines, _dlt_load_id) as lines from hours group by all
        )
        select project_id, export_hour::date as day, sum(lines)::bigint as lines from newest group by all
        """)
    live = _number(connection, "select coalesce(sum(lines), 0) from days")
    found.profile = _fields(connection, live, None)
    for project, day, lines, usual in connection.execute(f"""
        select days.project_id, days.day, days.lines, median(others.lines) as usual
        from days
        inner join days as others
            on days.project_id = others.project_id and days.day > others.day
            and days.day <= others.day + {7 * WEEKS} and date_diff('day', others.day, days.day) % 7 = 0
        inner join (select project_id, max(day) as last_day from days group by project_id) as ends
            on days.project_id = ends.project_id and days.day < ends.last_day and days.day >= ends.last_day - {DAYS}
        group by all having count(*) >= 3 and median(others.lines) >= {KNOWN}
        order by all
        """).fetchall():
        detail = f"project {project}, {day}: {lines} events, {usual:.0f} on the same weekday before"
        found.frame.append({"key": f"{project}/{day}", "detail": detail, EVENTS_VOLUME.column: lines / usual})


def _fields(connection: duckdb.DuckDBPyConnection, live: int, wrapped: str | None) -> Profile:
    """In how many of the newest records each field is there and filled, by JSON type, in one parse of each."""
    connection.execute(f"""
        create or replace temp table sample as
        select payload from batch order by _dlt_load_id desc, sequence desc limit {SAMPLE}
        """)
    objects = "select '' as prefix, payload as object from sample"
    if wrapped:
        objects += f" union all select '{wrapped}.', payload ->> '$.{wrapped}' from sample"
    fields: dict[str, Field] = {}
    for name, kind, count in connection.execute(f"""
        with entries as (
            select prefix, unnest(map_entries(try(from_json(object, '"MAP(VARCHAR, JSON)"')))) as entry
            from ({objects})
        ), named as (select prefix || entry.key as name, entry.value::varchar as value from entries)
        select name, case
            when value is null or value in ('null', '""') then 'nothing'
            when value[1] = '"' then 'text' when value[1] = '{{' then 'object' when value[1] = '[' then 'list'
            when value in ('true', 'false') then 'boolean' else 'number'
        end as kind, count(*)
        from named group by all order by all
        """).fetchall():
        old = fields.get(name, Field(0))
        kinds = old.kinds if kind == "nothing" else {**old.kinds, kind: count}
        fields[name] = Field(old.present + count, kinds)
    return Profile(live, _number(connection, "select count(*) from sample"), fields)


def _rate_steps(connection: duckdb.DuckDBPyConnection, files: str) -> Iterator[dict[str, Any]]:
    """The greatest steps of a currency from one rate to the next, of those that the batch has a part in."""
    for record, before, step in connection.execute(f"""
        with newest as (
            select record_id, arg_max_null(payload, (_dlt_load_id, sequence)) as payload
            from read_parquet({files}) group by record_id
        ), rates as (
            select
                record_id, payload ->> '$.date' as day, payload ->> '$.currency' as currency,
                try_cast(payload ->> '$.rate' as double) as rate
            from newest where payload is not null
        ), steps as (
            select
                record_id, lag(record_id) over days as record_before, rate / lag(rate) over days as step,
                record_id in (select record_id from batch)
                    or lag(record_id) over days in (select record_id from batch) as is_new
            from rates where rate > 0 window days as (partition by currency order by day)
        )
        select record_id, record_before, step from steps where is_new and step is not null
        order by abs(ln(step)) desc, record_id limit {2 * SHOWN}
        """).fetchall():
        yield {
            "key": f"step to {record}",
            "detail": f"{record} is {step:.4g} times {before}",
            RATE_STEPS.column: step,
        }


def _values(
    connection: duckdb.DuckDBPyConnection, values: Sequence[Value], *, is_restricted: bool
) -> Iterator[dict[str, Any]]:
    """Of each value the distinct ones, or the least and the greatest, with the first record that has it; of what is
    restricted with how many have it."""
    if not values:
        return
    paths = sql.texts(f"$.{value.path}" for value in values)
    connection.execute(
        "create or replace temp table texts as select record_id, extracted_at, "
        f"try(json_extract_string(payload, {paths})) as texts from batch"
    )
    for place, value in enumerate(values, 1):
        reading = value.reading.format(f"texts[{place}]")
        ends = "" if is_set(value.rule) else f"qualify least_first <= {SHOWN} or greatest_first <= {SHOWN}"
        for number, (record, found, count) in enumerate(
            connection.execute(f"""
            select record_id, found, records from (
                select
                    min(record_id) as record_id, {reading} as found, count(*) as records,
                    row_number() over (order by found) as least_first,
                    row_number() over (order by found desc) as greatest_first
                from texts where {reading} is not null group by found {ends}
            ) order by found
            """).fetchall()
        ):
            others = f" and {count - 1} more" if count > 1 else ""
            key, detail = f"{value.path} of {record}", f"{record}{others}"
            if is_restricted:
                key, detail = f"{value.path}, value {number + 1}", f"{value.path} of {count} records"
            yield {"key": key, "detail": detail, value.rule.column: found}


def is_set(rule: Rule) -> bool:
    """Whether a rule is about a set of values and not about a range."""
    return "value_set" in rule.bounds


def _number(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    row = connection.execute(query).fetchone()
    return int(row[0]) if row else 0


def _profile(read: Mapping[str, Any] | None) -> Profile | None:
    return Profile(**{**read, "fields": {name: Field(**one) for name, one in read["fields"].items()}}) if read else None


def _file(source: str, stream: str) -> Path:
    return home() / "expectations" / f"{source}.{stream}.json"
