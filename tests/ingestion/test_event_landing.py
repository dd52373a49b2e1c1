"""Events landed by the hour: what supersedes what, which hour a line is of, what a line may look like."""

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest

from ingestion.compaction import WORTH_IT, compact
from ingestion.errors import SourceError
from ingestion.landing import Landed, Landing
from ingestion.lines import LineFile, UnknownHourError
from ingestion.manifests import ENVELOPE, EVENTS, Stream, Zone, read_manifest
from tests.ingestion.conftest import over

STREAM = Stream("events", "", "uuid", EVENTS)
HOUR = timedelta(hours=1)
TEN = datetime(2026, 10, 14, 10, tzinfo=UTC)


def line(uuid: str, at: datetime = TEN, **more: Any) -> str:
    stamp = at.strftime("%Y-%m-%d %H:%M:%S.%f")
    return json.dumps({"uuid": uuid, "event_type": "Opened", "server_upload_time": stamp, "event_time": stamp} | more)


def land(
    folder: Path, *lines: str | bytes, first: datetime = TEN, last: datetime | None = None, through: str | None = None
) -> Landed:
    with LineFile(folder / "lines.json") as file:
        for text in lines:
            file.write(text if isinstance(text, bytes) else text.encode())
            file.end()
    with Landing("amplitude", [STREAM]) as landing:
        files = [folder / "lines.json"] if lines else []
        return landing.land_lines("events", "100001", first, last or first, files, through=through)


def query(text: str) -> list[Any]:
    """Asks ``landed``, every row that landed, oldest load first."""
    manifest = read_manifest(Zone(), "amplitude", "events")
    assert manifest is not None
    files = [Zone().readable(file.path) for file in manifest.files]
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        return connection.execute(f"with landed as (from read_parquet({files!r})) {text}").fetchall()


def everything() -> list[Any]:
    return query("from landed order by all")


def current(columns: str = "uuid") -> list[Any]:
    """What counts: of each hour its newest load, marker rows left out."""
    newest = "_dlt_load_id = max(_dlt_load_id) over (partition by project_id, export_hour)"
    counting = (
        f"(select * exclude (hours) from (select *, {newest} as hours from landed) where hours and payload is not null)"
    )
    rows = query(f"select {columns} from {counting} order by all")
    return [row[0] if len(row) == 1 else row for row in rows]


@pytest.fixture
def folder(home: Path) -> Path:
    home.mkdir(exist_ok=True)
    return home


@over("dlt", "files")
def test_an_event_lands_as_its_line_and_the_columns_of_the_contract(folder: Path) -> None:
    text = line(
        "u-1", TEN + timedelta(minutes=5, microseconds=7), amplitude_id=2**62, session_id=-1, user_id="ada", x=1.10
    )
    assert land(folder, text, through="2026-10-14T10").landed == 1
    columns = "project_id, uuid, user_id, device_id, amplitude_id, session_id, payload, export_hour::varchar"
    at = "2026-10-14 10:00:00+00"
    assert current(columns) == [("100001", "u-1", "ada", None, 2**62, -1, text, at)]
    assert current("event_time = make_timestamptz(2026, 10, 14, 10, 5, 0.000007)") == [True]
    file = next(file for file in (folder / "landing/amplitude/events").iterdir() if file.name != "empty.parquet")
    assert pq.read_schema(file).equals(EVENTS)
    # as DuckDB wrote it: dlt writing it again would cost more than all the rest
    assert pq.ParquetFile(file).metadata.created_by.startswith("DuckDB")
    assert not list((folder / "dlt").rglob("*.parquet"))


@over("dlt", "files")
def test_an_hour_that_is_the_same_does_not_land_again(folder: Path) -> None:
    land(folder, line("a"), "", line("b"), line("b") + "\n\n")
    again = land(folder, line("b"), line("a"), line("b"))
    assert (again.seen, again.landed, again.load_id) == (3, 0, None)


@over("dlt", "files")
def test_an_hour_landed_again_supersedes_its_earlier_landing_and_no_other(folder: Path) -> None:
    land(folder, line("a"), line("b"), line("c", TEN + HOUR), last=TEN + HOUR)
    land(folder, line("b"), line("d"), line("c", TEN + HOUR), last=TEN + HOUR)
    assert current() == ["b", "c", "d"]
    assert land(folder, line("c", TEN + HOUR), last=TEN + HOUR).deleted == 1
    assert current() == ["c"]
    assert land(folder, line("c", TEN + HOUR), last=TEN + HOUR).landed == 0
    assert land(folder, line("a"), line("c", TEN + HOUR), last=TEN + HOUR).landed == 1
    assert current() == ["a", "c"]


@over("dlt", "files")
def test_rows_and_cursor_count_together_or_not_at_all(folder: Path) -> None:
    """The window in which dlt's own state would lie: everything is written but the marker."""
    land(folder, line("a"), through="2026-10-14T10")
    killed = land(folder, line("b", TEN + HOUR), first=TEN + HOUR, through="2026-10-14T11")
    (folder / f"landing/amplitude/_dlt_loads/amplitude__{killed.load_id}.jsonl").unlink()
    shutil.rmtree(folder / "landing/amplitude/_manifests")
    with Landing("amplitude", [STREAM]) as landing:
        assert landing.through("events/100001") == "2026-10-14T10"
    assert current() == ["a"]


@over("dlt", "files")
def test_an_empty_window_moves_the_cursor_alone(folder: Path) -> None:
    assert land(folder, through="2026-10-14T10").landed == 0
    with Landing("amplitude", [STREAM]) as landing:
        assert landing.through("events/100001") == "2026-10-14T10"
        assert landing.through("events/100002") is None
    assert everything() == []


@pytest.mark.parametrize(
    "strange", [line("x", TEN + 5 * HOUR), line("x", server_upload_time=None), "no json", line("x", TEN - HOUR)]
)
@over("dlt", "files")
def test_a_line_of_no_hour_of_a_wide_window_lands_nothing_and_is_asked_for_by_the_hour(
    folder: Path, strange: str
) -> None:
    land(folder, line("before", TEN - HOUR), first=TEN - HOUR)
    with pytest.raises(UnknownHourError):
        land(folder, line("a"), strange, last=TEN + HOUR, through="2026-10-14T11")
    assert current() == ["before"]
    assert land(folder, line("a"), strange).landed == 2
    assert len(current("payload")) == 3


def test_every_line_lands_whatever_it_is(folder: Path) -> None:
    deep = "[" * 10_000 + "]" * 10_000
    wide = json.dumps({"uuid": "wide", **{f"key {n}": n for n in range(5_000)}})
    texts = [
        deep,
        wide,
        "not json",
        '"quoted, ""x',
        "# comment",
        "a\tb",
        "\\N",
        "null",
        "  led by spaces",
        line("whole"),
    ]
    texts += [
        '{"uuid": "nul", "x": "\\u0000"}',
        '{"n": "\x00"}',
        '{"uuid": "😀 שלום"}',
        '{"uuid": "\\ud800"}',
        '{"a": NaN}',
    ]
    texts += [f'{{"uuid": "n", "amplitude_id": {number}, "session_id": {number}}}' for number in (2**63, "1e400", 1.5)]
    assert land(folder, *texts).landed == len(texts)
    assert sorted(current("payload")) == sorted(texts)
    assert current("count(*) filter (where session_id is not null or amplitude_id is not null)") == [0]


def test_bytes_that_json_does_not_allow_become_what_it_allows(folder: Path) -> None:
    lines = (b'{"uuid": "bad \xff"}', b'{"uuid":\r"cr"}', b'{"uuid": "\x01"}', b"\x02", "é".encode())
    assert land(folder, *lines).landed == 5
    assert set(current("payload")) == {
        " ",
        '{"uuid": "bad \ufffd"}',
        '{"uuid": " "}',
        '{"uuid": "cr"}'.replace(' "', ' "'),
        "é",
    }


def test_a_block_may_end_inside_a_character(folder: Path) -> None:
    with LineFile(folder / "lines.json") as file:
        for byte in '{"uuid": "é😀"}\n'.encode():
            file.write(bytes([byte]))
    assert (folder / "lines.json").read_text() == '{"uuid": "é😀"}\n'


def test_three_thousand_property_names_are_one_column(folder: Path) -> None:
    names = {f"Property {n}": n for n in range(3_000)}
    land(folder, line("a", event_properties=names), line("b", event_properties={"property 1": 1, "Property_1": 2}))
    assert {len(row) for row in everything()} == {len(EVENTS)}


@over("dlt", "files")
def test_a_line_longer_than_any_event_is_refused_by_name(folder: Path) -> None:
    with pytest.raises(SourceError, match=r"amplitude\.events: a line is longer than 32 MB") as refused:
        land(folder, line("a", big="secret" * 7_000_000))
    assert "secret" not in str(refused.value)
    assert current() == []


@pytest.mark.parametrize("megabytes", [3, 9, 20])
def test_a_line_longer_than_usual_lands(folder: Path, megabytes: int) -> None:
    """The reader of usual lines leaves such a line out without a word."""
    big = line("big", big="x" * megabytes * 2**20)
    assert land(folder, line("a"), big, line("c")).landed == 3
    assert current("payload") == [line("a"), big, line("c")]
    assert land(folder, line("a"), big).landed == 2
    assert current() == ["a", "big"]


@over("files")
def test_compaction_keeps_events_as_they_are(folder: Path) -> None:
    for n in range(WORTH_IT + 1):
        land(folder, line(str(n), TEN + n * HOUR), first=TEN + n * HOUR, through=str(n))
    before = everything()
    compacted = next(done for done in compact("amplitude", [STREAM]) if done.stream == "events")
    assert compacted.after < compacted.before
    assert everything() == before
    assert land(folder, line("0"), through=str(WORTH_IT)).landed == 0


def test_a_source_may_land_records_and_events_side_by_side(folder: Path) -> None:
    with Landing("amplitude", [STREAM, Stream("cohorts", "", "id")]):
        pass
    empty = {name: pq.read_schema(folder / f"landing/amplitude/{name}/empty.parquet") for name in ("events", "cohorts")}
    assert empty["events"].equals(EVENTS)
    assert empty["cohorts"].equals(ENVELOPE)
