"""The HTTP client against real connections that misbehave."""

import gzip
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from requests.auth import HTTPBasicAuth

from ingestion.errors import SourceError
from ingestion.http import MAX_EMPTY_PAGES, Client, Limits, Walk
from tests.ingestion.scripted_server import Step, answer, drip, reset_after, scripted, silence

SECRET = "CANARY-token-7f3a"
PAGE = b'{"issues":[{"id":"1"},{"id":"2"}]}'
QUICK = Limits(wait=0.001, longest_wait=0.05, read=0.3, total=0.6)


def client(url: str, limits: Limits = QUICK) -> Client:
    return Client("jira", url, limits, auth=HTTPBasicAuth(b"prodops@example.com", SECRET.encode()))


def read(url: str, target: str = "/search", limits: Limits = QUICK, method: str = "GET") -> int:
    page = client(url, limits).page(method, target, "issues", stream="issues", cursor="page 3")
    return len(page.records)


def refusal(url: str, target: str = "/search", limits: Limits = QUICK, method: str = "GET") -> SourceError:
    with pytest.raises(SourceError) as caught:
        read(url, target, limits, method)
    error = caught.value
    assert str(error).startswith("jira.issues at page 3")
    assert "\n" not in str(error)
    assert SECRET not in repr(error) + str(error) + repr(error.__context__)
    return error


@pytest.mark.parametrize(
    "broken",
    [
        answer(status="500 Oops"),
        answer(status="502 Bad Gateway", content_type="text/html"),
        answer(status="503 Busy"),
        answer(status="504 Late"),
        answer(status="429 Too Many"),
        answer(PAGE, length=len(PAGE) + 10),
        answer(b'5\r\n{"iss\r\nzz\r\n', Transfer_Encoding="chunked"),
        answer(b'5\r\n{"iss\r\n', Transfer_Encoding="chunked"),
        answer(PAGE[:-3]),
        answer(gzip.compress(PAGE)[:-9], Content_Encoding="gzip"),
        answer(b"not gzip", Content_Encoding="gzip"),
        reset_after(b"HTTP/1.1 200 OK\r\nContent-Le"),
        b"HTTP/1.1 200 OK\r\nContent-Le",
        reset_after(b""),
        reset_after(answer(PAGE)[:-7]),
        silence(0.5),
    ],
    ids=lambda step: "step" if callable(step) else step[:20].decode(),
)
def test_what_broke_on_the_way_is_asked_for_again(broken: Step) -> None:
    with scripted(broken, answer(PAGE)) as server:
        assert read(server.url) == 2
        assert len(server.requests) == 2


@pytest.mark.parametrize("failures", [1, 2, 3, 4, 5])
def test_up_to_five_failures_in_a_row_are_ridden_out(failures: int) -> None:
    with scripted(*[answer(status="502 Bad Gateway")] * failures, answer(PAGE)) as server:
        assert read(server.url) == 2


def test_a_server_that_keeps_failing_is_named_after_six_attempts() -> None:
    with scripted(answer(status="500 Oops")) as server:
        error = refusal(server.url)
        assert error.status == 500
        assert "6 attempts" in str(error)
        assert len(server.requests) == 6


@pytest.mark.parametrize("seconds", ["1", "date"])
def test_a_server_is_not_asked_again_before_the_time_it_gave(seconds: str) -> None:
    timestamp = datetime(2031, 5, 4, 3, 2, 1, tzinfo=UTC)  # the server's clock, not ours
    reported = {"1": "1", "date": format_datetime(timestamp + timedelta(seconds=1), usegmt=True)}[seconds]
    limited = answer(status="429 Too Many", Retry_After=reported, Date=format_datetime(timestamp, usegmt=True))
    with scripted(limited, answer(PAGE)) as server:
        started = time.monotonic()
        assert read(server.url, limits=Limits(wait=0.001)) == 2
        assert 1 <= time.monotonic() - started < 3


@pytest.mark.parametrize("reported", ["86400", "Fri, 31 Dec 2100 23:59:59 GMT", "soon", "-5"])
def test_waits_are_capped_whatever_the_server_asks(reported: str) -> None:
    with scripted(answer(status="503 Busy", Retry_After=reported), answer(PAGE)) as server:
        started = time.monotonic()
        assert read(server.url) == 2
        assert time.monotonic() - started < 1


@pytest.mark.parametrize("content", [answer(b" " * 1000 + PAGE), b"HTTP/1.1 200 OK\r\nX-Slow: " + b"y" * 1000])
def test_an_answer_that_drips_ends_at_the_deadline(content: bytes) -> None:
    with scripted(drip(content, 0.02)) as server:
        started = time.monotonic()
        error = refusal(server.url, limits=Limits(attempts=2, wait=0.001, read=5, total=0.5))
        assert "took longer than 0.5 s" in str(error)
        assert time.monotonic() - started < 3


def test_a_silent_server_is_named() -> None:
    with scripted(silence(0.4)) as server:
        assert "no answer in time" in str(refusal(server.url, limits=Limits(attempts=1, read=0.2)))


def test_an_unreachable_host_is_named() -> None:
    with scripted(b"") as server:
        pass
    assert "can't reach the host" in str(refusal(server.url, limits=Limits(attempts=1)))


@pytest.mark.parametrize(
    ("status", "hint"),
    [
        ("401 No", "credentials are wrong"),
        ("403 No", "lack the permission"),
        ("404 No", "BASE_URL"),
        ("410 Gone", "newer"),
    ],
)
def test_a_refused_request_is_not_repeated_and_says_what_to_do(status: str, hint: str) -> None:
    with scripted(answer(f'{{"errorMessages":["{SECRET}"]}}', status=status)) as server:
        error = refusal(server.url)
        assert error.status == int(status[:3])
        assert hint in str(error)
        assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (
            '{"error":{"type":"invalid_request_error","code":"parameter_unknown","param":"expand[0]","message":"Bad"}}',
            "invalid_request_error, parameter_unknown, param expand[0]: Bad",
        ),
        ('{"errorMessages":["No such project"],"errors":{"jql":"Unbekannt"}}', "param jql: No such project; Unbekannt"),
        (
            '{"Fault":{"Error":[{"Message":"Bad","Detail":"No such field","code":"4001"}],"type":"ValidationFault"}}',
            "ValidationFault, 4001: No such field",
        ),
        ('{"code":400,"error":"Missing","missing_field":"start"}', "400, param start: Missing"),
        ('{"error":{"code":"BadPage","message":"The page moved"}}', "BadPage: The page moved"),
    ],
)
def test_the_vendors_reason_is_kept_and_no_secret_with_it(body: str, words: str) -> None:
    with scripted(answer(body, status="400 No"), answer(body, status="401 No")) as server:
        assert str(refusal(server.url)).endswith(f"; the vendor says: {words}")
        assert words.rpartition(": ")[2] not in str(refusal(server.url)), "a 401 repeats what it was sent"
    with scripted(answer(body.replace("B", f"for prodops@example.com {SECRET} ann@example.com B"), "400 No")) as server:
        error = str(refusal(server.url))
        assert "@" not in error
        assert SECRET not in error
    with scripted(answer('{"error":{"message":"' + "long " * 5000 + '"}}', "400 No")) as server:
        assert len(str(refusal(server.url))) < 400


@pytest.mark.parametrize("status", ["408 Late", "409 Locked", "425 Early", "529 Overloaded", "403 Busy"])
def test_what_passes_under_any_status_is_asked_for_again(status: str) -> None:
    """An error that says when to come again passes, and so does one whose code the source names."""
    later = {"Retry_After": "0"} if status.startswith("403") else {}
    with scripted(answer("{}", status, **later), answer(PAGE)) as server:
        assert read(server.url) == 2
    failed = answer('{"error":{"code":"api_error"}}', "402 Odd")
    with scripted(failed, answer(PAGE)) as server:
        asking = Client("jira", server.url, QUICK, passing=frozenset({"api_error"}))
        assert len(asking.page("GET", "/search", "issues", stream="issues").records) == 2


def test_a_login_page_is_not_an_answer() -> None:
    with scripted(answer(f"<html>log in, {SECRET}</html>", content_type="text/html; charset=utf-8")) as server:
        assert "not JSON but text/html" in str(refusal(server.url))


@pytest.mark.parametrize("body", ['{"errorMessages":["no"]}', '{"error":"no"}', "[]", '{"issues":null}', '"no"'])
def test_an_error_inside_a_good_answer_is_not_zero_rows(body: str) -> None:
    with scripted(answer(body)) as server:
        error = refusal(server.url)
        assert error.status == 200
        assert len(server.requests) == 1


@pytest.mark.parametrize("target", ["link", "redirect"])
@pytest.mark.parametrize(
    "place",
    [
        "http://127.0.0.1:{other}/x",
        "//127.0.0.1:{other}/x",
        "http://localhost:{port}/x",
        "http://127.0.0.1:{port}@127.0.0.1:{other}/x",
        "http://127.0.0.1:{port}\\@127.0.0.1:{other}/x",
        "https://127.0.0.1:{port}/x",
        "ftp://127.0.0.1:{port}/x",
        "http://user@127.0.0.1:{port}/x",
    ],
)
def test_nothing_leads_to_another_origin(target: str, place: str) -> None:
    with scripted(answer(PAGE)) as other:
        location = place.format(other=other.port, port="{port}")
        with scripted(answer(PAGE)) as server:
            location = location.replace("{port}", str(server.port))
            if target == "redirect":
                server.script.insert(0, answer(status="302 Found", Location=location))
            error = refusal(server.url, "/search" if target == "redirect" else location)
            assert "refused, no credential was sent" in str(error)
            assert len(server.requests) == (target == "redirect")
        assert other.requests == []


def test_a_secure_origin_is_not_left_for_an_open_one() -> None:
    with scripted(answer(PAGE)) as server:
        error = refusal(f"https://127.0.0.1:{server.port}", f"http://127.0.0.1:{server.port}/search")
        assert "another place" in str(error)
        assert server.requests == []


def test_a_redirect_within_the_origin_is_followed_for_reads_only_and_not_for_ever() -> None:
    with scripted(answer(status="302 Found", Location="/elsewhere"), answer(PAGE)) as server:
        assert read(server.url) == 2
        assert [request.target for request in server.requests] == ["/search", "/elsewhere"]
    with scripted(answer(status="307 Found", Location="/elsewhere")) as server:
        assert "redirects this request" in str(refusal(server.url, method="POST"))
        assert "too many redirects" in str(refusal(server.url))


def test_a_redirect_to_a_login_page_is_not_read_as_data() -> None:
    login = answer("<html>", content_type="text/html")
    with scripted(answer(status="302 Found", Location="/login"), login) as server:
        assert "login page" in str(refusal(server.url))


def test_size_is_counted_in_bytes_that_came_out_of_the_compression() -> None:
    small = Limits(attempts=1, body=2**20)
    bomb = gzip.compress(b" " * 2**26)
    assert len(bomb) < 2**17
    with scripted(answer(bomb, Content_Encoding="gzip"), answer(b" " * (2**20 + 1))) as server:
        assert "larger than 1 MB; set a smaller PAGE_SIZE" in str(refusal(server.url, limits=small))
        assert "larger than 1 MB" in str(refusal(server.url, limits=small))


def test_a_session_shows_no_credential(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    with scripted(answer(status="500 Oops", Set_Cookie=SECRET), answer(PAGE)) as server:
        talking = client(server.url)
        assert len(talking.page("GET", f"/search?key={SECRET}", "issues", stream="issues").records) == 2
        assert server.requests[0].headers["authorization"].startswith("Basic ")
    assert SECRET not in repr(talking) + caplog.text


def test_a_netrc_file_gives_no_credentials(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = f"{tmp_path}/netrc"
    with open(netrc, "w") as file:
        file.write("machine 127.0.0.1 login other password other\n")
    monkeypatch.setenv("NETRC", netrc)
    with scripted(answer(PAGE)) as server:
        Client("jira", server.url, QUICK).page("GET", "/search", "issues", stream="issues")
        assert "authorization" not in server.requests[0].headers


def test_a_repeated_token_and_endless_empty_pages_end_a_walk() -> None:
    walk = Walk("jira", "issues")
    walk.step("a", 0)
    walk.step("b", 5)
    with pytest.raises(SourceError, match="same page token twice"):
        walk.step("a", 5)
    walk = Walk("jira", "issues")
    for number in range(MAX_EMPTY_PAGES):
        walk.step(str(number), 0)
    with pytest.raises(SourceError, match="brought nothing new"):
        walk.step("one more", 0)
