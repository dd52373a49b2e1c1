"""What the sources share: chunks, where a load goes on, what is gone, what the doctor asks."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ingestion.errors import SourceError
from ingestion.landing import Landing, Record
from ingestion.manifests import Stream
from ingestion.records import CHUNK_BYTES
from ingestion.settings import SourceSettings
from ingestion.sources.parts import Feed, Finding, LoadOptions, Probe, api_source, chunked, resumed, vanished

NOW = datetime(2026, 10, 15, 6, tzinfo=UTC)
FLOOR = datetime(2026, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
HALF = "x" * (CHUNK_BYTES // 2)


def record(key: str, payload: str = "{}") -> Record:
    return Record(key, payload, NOW)


def test_a_chunk_holds_whole_pages_and_the_last_one_always_comes() -> None:
    pages = [[record("1", HALF)], [record("2", HALF), record("3")], [record("4")]]
    chunks = [([one.record_id for one in records], is_last) for records, is_last in chunked(pages)]
    assert chunks == [(["1", "2", "3"], False), (["4"], True)]
    assert list(chunked([])) == [([], True)], "the cursor moves with an empty chunk too"


@pytest.mark.parametrize(
    ("through", "resync", "start"),
    [
        (None, False, FLOOR),
        ("2026-10-01T10:00:00Z", False, datetime(2026, 10, 1, 9, tzinfo=UTC)),
        ("2026-10-01T10:00:00Z", True, FLOOR),
        ("2026-01-01T00:30:00Z", False, FLOOR),
    ],
)
def test_a_load_goes_on_before_its_cursor_and_never_before_the_floor(
    through: str | None, resync: bool, start: datetime
) -> None:
    assert resumed(through, FLOOR, HOUR, LoadOptions(resync=resync)) == start


def test_a_stream_is_read_whole_at_first_after_29_days_and_when_asked() -> None:
    read_to = {"recent": "2026-09-20T06:00:00Z", "edge": "2026-09-16T06:00:00Z", "old": "2026-09-16T05:59:59Z"}
    feed = Feed(read_to, NOW, "they are kept for 30 days", LoadOptions(), overlap=HOUR)
    assert [feed.why_resync(stream) for stream in ("new", "recent", "edge")] == ["", None, None]
    assert feed.why_resync("old") == "full resync: last read 2026-09-16, and they are kept for 30 days"
    assert Feed(read_to, NOW, "", LoadOptions(resync=True)).why_resync("recent") == "full resync: asked for"
    assert feed.since("recent", NOW) == datetime(2026, 9, 20, 5, tzinfo=UTC)
    assert feed.since("old", NOW) == feed.since("new", NOW) == NOW - HOUR
    moved = feed.moved(["recent", "new"], NOW)
    assert moved == {**read_to, "recent": "2026-10-15T06:00:00.000000Z", "new": "2026-10-15T06:00:00.000000Z"}


@pytest.fixture
def landing(home: Path) -> Iterator[Landing]:
    """Twenty records of one stream, landed."""
    with Landing("made_up", (Stream("items", "Items", "id"),)) as opened:
        opened.land("items", [record(str(number)) for number in range(20)])
        yield opened


def test_what_is_not_listed_is_gone_if_it_was_expected_there_and_is_confirmed(landing: Landing) -> None:
    listed = {str(number) for number in range(4, 20)}
    assert vanished(landing, "items", listed, 0.2) == {"0", "1", "2", "3"}
    found = vanished(
        landing, "items", listed, 0.2, expected=lambda ids: ids - {"0"}, confirmed=lambda ids: sorted(ids)[:2]
    )
    assert found == {"1", "2"}
    assert vanished(landing, "items", {"1"}, 0.2, alive={"1", "2"}) == {"2"}


def test_an_empty_list_and_a_large_loss_are_refused(landing: Landing) -> None:
    with pytest.raises(SourceError, match="came back empty though 20 are landed"):
        vanished(landing, "items", set(), 0.2)
    few = {str(number) for number in range(10)}
    with pytest.raises(SourceError, match="10 of 20 records would be marked deleted"):
        vanished(landing, "items", few, 0.2)
    assert len(vanished(landing, "items", few, 0.5)) == 10
    assert vanished(landing, "items", set(), 0.2, confirmed=lambda ids: (), may_be_empty=True) == set()


def test_the_doctor_asks_on_after_a_failure_unless_the_probe_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCES__MADE_UP__BASE_URL", "https://example.com")

    def fails() -> str:
        raise SourceError("made_up", "items", "make room")

    def checked(*probes: Probe) -> list[Finding]:
        def steps(*_: object) -> Iterator[object]:
            yield from ()

        source = api_source(
            "made_up",
            "Made up",
            (),
            settings=SourceSettings,
            credentials=("start",),
            steps=steps,
            probes=lambda _: probes,
        )
        return source.check()

    well = Probe("read items", lambda: "; there are 3")
    several = Probe("read fields", lambda: [Finding(True, "read a"), Finding(False, "read b", "ask for it")])
    complete, asked = Finding(True, "settings are complete"), Finding(True, "read items; there are 3")
    failed = Finding(False, "sign in", "make room")
    assert checked(Probe("sign in", fails), well) == [complete, failed, asked]
    assert checked(Probe("sign in", fails, needed=True), well) == [complete, failed]
    assert checked(several) == [complete, Finding(True, "read a"), Finding(False, "read b", "ask for it")]
