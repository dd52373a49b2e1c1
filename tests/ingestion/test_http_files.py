"""Answers that go to a file, and links that are followed without credentials."""

import gzip
from datetime import UTC, datetime
from pathlib import Path

import pytest
from requests.auth import HTTPBasicAuth

from ingestion.archives import BrokenArchiveError, RefusedArchiveError
from ingestion.errors import SourceError
from ingestion.http import Answer, Client, Limits
from tests.ingestion.scripted_server import answer, reset_after, scripted

SECRET = "CANARY-token-7f3a"
QUICK = Limits(wait=0.001, longest_wait=0.05, read=0.3, total=0.6)
BODY = bytes(range(256)) * 1000
ZIP = "application/zip"


def client(url: str, limits: Limits = QUICK) -> Client:
    return Client("amplitude", url, limits, auth=HTTPBasicAuth(b"key", SECRET.encode()))


def spooled(url: str, into: Path, limits: Limits = QUICK, statuses: frozenset[int] = frozenset()) -> Answer:
    return client(url, limits).ask("GET", "/export", lambda one: one, stream="events", into=into, statuses=statuses)


def test_a_body_goes_to_the_file_whole_and_not_into_memory(tmp_path: Path) -> None:
    date = "Thu, 15 Oct 2026 06:00:00 GMT"
    with scripted(
        reset_after(answer(BODY, content_type=ZIP)[:-99]),
        answer(BODY, content_type=ZIP, length=len(BODY) + 9),
        answer(gzip.compress(BODY), content_type=ZIP, Content_Encoding="gzip", Date=date),
    ) as server:
        given = spooled(server.url, tmp_path / "export.zip")
    assert (given.status, given.body, given.date) == (200, b"", datetime(2026, 10, 15, 6, tzinfo=UTC))
    assert (tmp_path / "export.zip").read_bytes() == BODY
    assert server.requests[0].headers["accept"] == "*/*"


@pytest.mark.parametrize("media", ["text/html; charset=utf-8", "application/json"])
def test_a_login_page_or_an_error_document_is_no_file(tmp_path: Path, media: str) -> None:
    """Faults 12 and 13."""
    with scripted(answer(b'{"error":"no"}', content_type=media)) as server:
        with pytest.raises(SourceError, match=f"not a file but {media.split(';')[0]}"):
            spooled(server.url, tmp_path / "export.zip")
        assert len(server.requests) == 1
    assert not (tmp_path / "export.zip").exists()


def test_a_wanted_status_is_seen_at_once_whatever_its_body_and_others_are_ridden_out(tmp_path: Path) -> None:
    late, gone = answer("late", "504 Late", "text/plain"), answer("no data", "404 Not Found", "text/plain")
    with scripted(late, late, gone) as server:
        assert spooled(server.url, tmp_path / "x", statuses=frozenset({504})).status == 504
        assert spooled(server.url, tmp_path / "x", statuses=frozenset({404})).status == 404
        assert len(server.requests) == 3


def test_bytes_are_counted_as_they_come_out_of_the_compression(tmp_path: Path) -> None:
    small = Limits(attempts=1, body=2**20)
    bomb = answer(gzip.compress(bytes(2**26)), content_type=ZIP, Content_Encoding="gzip")
    with scripted(bomb) as server, pytest.raises(SourceError, match="larger than 1 MB"):
        spooled(server.url, tmp_path / "export.zip", small)
    assert (tmp_path / "export.zip").stat().st_size <= 2**20


def test_a_disk_that_takes_nothing_is_named_and_not_taken_for_the_network(tmp_path: Path) -> None:
    """Fault 50."""
    with scripted(answer(BODY, content_type=ZIP)) as server:
        with pytest.raises(SourceError, match="No space left on device; make room"):
            spooled(server.url, Path("/dev/full"))
        with pytest.raises(SourceError, match="No such file or directory"):
            spooled(server.url, tmp_path / "nowhere" / "export.zip")
        assert len(server.requests) == 2


def test_a_broken_archive_is_asked_for_again_and_one_that_does_harm_is_not() -> None:
    """Faults 36 and 37."""
    for error, words, requests in (
        (BrokenArchiveError("it is not a whole zip"), "broken archive came: it is not a whole zip; gave up after 6", 6),
        (RefusedArchiveError("member '../x' has"), "archive was refused: member '../x' has", 1),
    ):

        def read(_: Answer, error: Exception = error) -> None:
            raise error

        with scripted(answer()) as server:
            with pytest.raises(SourceError, match=words):
                client(server.url).ask("GET", "/export", read, stream="events")
            assert len(server.requests) == requests


def test_a_redirect_off_the_origin_is_followed_only_without_credentials(tmp_path: Path) -> None:
    with scripted(answer(BODY, content_type="text/csv")) as bucket:
        location = f"{bucket.url}/file?signature=a%2Fb"
        with scripted(answer(status="302 Found", Location=location)) as server:
            with pytest.raises(SourceError, match="refused, no credential was sent there"):
                spooled(server.url, tmp_path / "file")
            given = spooled(server.url, tmp_path / "file", statuses=frozenset({302}))
            assert (given.status, given.location, bucket.requests) == (302, location, [])
            without_credentials = client(server.url).without_credentials(location, stream="cohort_members")
            without_credentials.ask("GET", location, lambda one: one, stream="cohort_members", into=tmp_path / "file")
        assert bucket.requests[0].target == "/file?signature=a%2Fb"
        assert "authorization" not in bucket.requests[0].headers
    assert (tmp_path / "file").read_bytes() == BODY


@pytest.mark.parametrize(
    ("base", "link"),
    [
        ("https://amplitude.com", "http://bucket.s3.amazonaws.com/file"),
        ("https://amplitude.com", "http://127.0.0.1/latest"),
        ("https://amplitude.com", "ftp://bucket/file"),
        ("https://amplitude.com", "file:///etc/passwd"),
        ("https://amplitude.com", "https://user@bucket/file"),
        ("https://amplitude.com", ""),
        ("http://127.0.0.1:1", "http://10.0.0.1/file"),
    ],
)
def test_a_client_without_credentials_goes_over_https_or_from_loopback_to_loopback(base: str, link: str) -> None:
    with pytest.raises(SourceError, match="not https; refused"):
        client(base).without_credentials(link, stream="cohort_members")
    assert "signature" not in repr(
        client(base).without_credentials("https://bucket/file?signature=1", stream="cohort_members")
    )
