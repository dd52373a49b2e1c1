"""Tokens that rotate: the newest is kept before anything uses it, one process renews at a time, what is lost is said.

A real server gives them, real processes ask for them, and processes are really killed.
"""

import json
import multiprocessing
import os
import signal
import stat
import subprocess
import sys
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from ingestion import tokens
from ingestion.clock import iso, now
from ingestion.errors import LeaseError, SourceError
from ingestion.http import Limits
from ingestion.locks import locked
from ingestion.tokens import Connection, Tokens, none_renewed
from sandbox.server import serve_in_thread
from tests.ingestion.scripted_server import answer, reset_after, scripted

FIRST = "CANARY-refresh-0"
SECRET = "CANARY-secret"
QUICK = Limits(attempts=3, wait=0.001, longest_wait=0.01, read=5, total=10)
NOW = "2026-10-15T06:00:00Z"


class Giver:
    """Gives tokens: a refresh token is good for one refresh, also when its answer never arrives."""

    def __init__(self) -> None:
        self.refreshes, self.asked = 0, 0
        self.on_given: Callable[[], None] = lambda: None
        self.url = ""

    @contextmanager
    def serving(self) -> Iterator["Giver"]:
        with serve_in_thread(self) as url:
            self.url = f"{url}/tokens/bearer"
            yield self

    def connection(self, refresh_token: str = FIRST, secret: str = SECRET) -> Connection:
        return Connection(self.url, "client", secret, refresh_token)

    def tokens(self, refresh_token: str = FIRST) -> Tokens:
        return Tokens("quickbooks", self.connection(refresh_token), QUICK)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        form = (await request.body()).decode()
        self.asked += 1
        given = self._reply(request, form)
        self.on_given()
        await given(scope, receive, send)

    def _reply(self, request: Request, form: str) -> Response:
        assert request.method == "POST"
        if request.headers["authorization"] != "Basic " + b64encode(f"client:{SECRET}".encode()).decode():
            return JSONResponse({"error": "invalid_client"}, 401)
        if form != f"grant_type=refresh_token&refresh_token=CANARY-refresh-{self.refreshes}":
            return JSONResponse({"error": "invalid_grant", "error_description": f"CANARY {form}"}, 400)
        self.refreshes += 1
        lives = {"expires_in": 3600, "x_refresh_token_expires_in": 8640000, "x_refresh_token_hard_expires_in": 86400}
        tokens = {
            "access_token": f"CANARY-access-{self.refreshes}",
            "refresh_token": f"CANARY-refresh-{self.refreshes}",
        }
        return JSONResponse(lives | tokens)


@pytest.fixture
def giver(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Giver]:
    monkeypatch.setenv("PRODOPS_NOW", NOW)
    with Giver().serving() as serving:
        yield serving


def kept(home: Path) -> dict[str, str]:
    return dict(json.loads((home / "restricted/tokens/quickbooks.json").read_text()))


def refusal(ask: Callable[[], object]) -> SourceError:
    with pytest.raises(SourceError) as caught:
        ask()
    assert "CANARY" not in str(caught.value) + repr(caught.value) + repr(caught.value.__context__)
    assert "\n" not in str(caught.value)
    return caught.value


def test_the_new_token_is_kept_before_the_access_token_can_be_used(giver: Giver, home: Path) -> None:
    assert giver.tokens().access() == "CANARY-access-1"
    assert kept(home)["refresh_token"] == "CANARY-refresh-1"
    tokens = giver.tokens()
    assert tokens.access() == "CANARY-access-1"
    assert tokens.renewed("CANARY-access-1") == "CANARY-access-2"
    assert giver.tokens().access() == "CANARY-access-2"
    assert (giver.refreshes, giver.asked) == (2, 2)


def test_what_is_kept_is_for_its_owner_alone_and_shows_in_no_text(giver: Giver, home: Path) -> None:
    umask = os.umask(0)
    try:
        tokens = giver.tokens()
        tokens.access()
    finally:
        os.umask(umask)
    folder = home / "restricted/tokens"
    assert {stat.S_IMODE(path.stat().st_mode) for path in (folder, folder.parent)} == {0o700}
    assert {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {
        "quickbooks.json": 0o600,
        "quickbooks.lock": 0o600,
    }
    assert "CANARY" not in repr(giver.connection()) + repr(vars(tokens))


def test_an_access_token_is_used_as_long_as_it_holds(giver: Giver, monkeypatch: pytest.MonkeyPatch) -> None:
    tokens = giver.tokens()
    tokens.access()
    monkeypatch.setenv("PRODOPS_NOW", "2026-10-15T06:58:30Z")
    assert tokens.access() == "CANARY-access-1"
    monkeypatch.setenv("PRODOPS_NOW", "2026-10-15T06:59:30Z")
    assert tokens.access() == "CANARY-access-2"
    assert iso(tokens.refresh_until or now()) == "2026-10-16T06:59:30.000000Z"


def test_who_waited_for_another_takes_what_that_one_brought(giver: Giver) -> None:
    one, other = giver.tokens(), giver.tokens()
    one.access()
    assert other.access() == "CANARY-access-1"
    assert one.renewed("CANARY-access-1") == "CANARY-access-2"
    assert other.renewed("CANARY-access-1") == "CANARY-access-2"
    assert giver.refreshes == 2


def test_of_processes_that_ask_at_once_one_refreshes(giver: Giver) -> None:
    context = multiprocessing.get_context("fork")
    for round_ in range(1, 4):
        together, reported = context.Barrier(8), context.SimpleQueue()
        refused = f"CANARY-access-{round_ - 1}" if round_ > 1 else ""

        def ask(together=together, reported=reported, refused=refused) -> None:  # type: ignore[no-untyped-def]
            tokens = giver.tokens()
            together.wait()
            reported.put(tokens.renewed(refused))

        processes = [context.Process(target=ask) for _ in range(8)]
        for process in processes:
            process.start()
        for process in processes:
            process.join(20)
        assert {reported.get() for _ in processes} == {f"CANARY-access-{round_}"}
        assert (giver.refreshes, giver.asked) == (round_, round_)


def test_a_refused_token_says_to_connect_anew_and_a_new_one_in_the_settings_is_that(giver: Giver, home: Path) -> None:
    giver.tokens().access()
    giver.refreshes = 7  # another installation went on with the token
    error = refusal(lambda: giver.tokens().renewed("CANARY-access-1"))
    assert str(error).startswith("quickbooks.tokens (status 400): the refresh token is used up")
    assert "connect the app to the company again and set SOURCES__QUICKBOOKS__REFRESH_TOKEN" in error.hint
    assert kept(home)["refresh_token"] == "CANARY-refresh-1"
    assert giver.tokens("CANARY-refresh-7").access() == "CANARY-access-8"
    assert kept(home)["refresh_token"] == "CANARY-refresh-8"


def test_what_is_kept_of_one_connection_goes_to_no_other_place(giver: Giver) -> None:
    giver.tokens().access()
    with scripted(answer('{"error": "invalid_grant"}', "400 Bad Request")) as elsewhere:
        other = Connection(f"{elsewhere.url}/bearer", "client", SECRET, FIRST)
        refusal(lambda: Tokens("quickbooks", other, QUICK).access())
    assert [request.body for request in elsewhere.requests] == [
        b"grant_type=refresh_token&refresh_token=" + FIRST.encode()
    ]


def test_credentials_follow_no_redirect(giver: Giver) -> None:
    with scripted(answer("", "307 Temporary Redirect", Location=giver.url)) as redirecting:
        connection = Connection(redirecting.url, "client", SECRET, FIRST)
        error = refusal(lambda: Tokens("quickbooks", connection, QUICK).access())
    assert "redirects" in error.hint
    assert "TOKEN_URL" in error.hint
    assert giver.asked == 0


def test_wrong_credentials_of_the_app_are_named(giver: Giver) -> None:
    error = refusal(lambda: Tokens("quickbooks", giver.connection(secret="CANARY-wrong"), QUICK).access())
    assert "check SOURCES__QUICKBOOKS__CLIENT_ID and SOURCES__QUICKBOOKS__CLIENT_SECRET" in error.hint


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (answer('{"expires_in": 3600, "refresh_token": "CANARY"}'), "the answer holds no tokens"),
        (answer('{"access_token": "CANARY", "expires_in": "soon"}'), "the answer holds no tokens"),
        (answer("<html>CANARY</html>", content_type="text/html"), "the answer is not JSON"),
        (answer('{"error": "invalid_scope CANARY"}', "400 Bad Request"), "check SOURCES__QUICKBOOKS__TOKEN_URL"),
        (answer(status="403 Forbidden"), "the credentials lack the permission"),
        (answer(status="404 Not Found"), "check TOKEN_URL"),
        (answer('{"access_token": "CANARY', length=900), "gave up after 3 attempts"),
    ],
)
def test_an_answer_that_is_none_is_an_error_without_its_text(home: Path, given: bytes, words: str) -> None:
    with scripted(given) as server:
        tokens = Tokens("quickbooks", Connection(server.url, "client", SECRET, FIRST), QUICK)
        assert words in refusal(tokens.access).hint
    assert kept(home)["refresh_token"] == FIRST


@pytest.mark.parametrize(
    "first", [answer(status="503 Busy"), reset_after(b""), answer('{"access_token": "CANARY', length=900)]
)
def test_a_refresh_is_tried_again_while_the_token_still_holds(home: Path, first: bytes) -> None:
    good = answer('{"access_token": "CANARY-access", "expires_in": 3600}')
    with scripted(first, good) as server:
        tokens = Tokens("quickbooks", Connection(server.url, "client", SECRET, FIRST), QUICK)
        assert tokens.access() == "CANARY-access"
    assert kept(home)["refresh_token"] == FIRST  # none came, so the one there is goes on


def test_an_answer_that_is_lost_on_its_way_ends_in_a_clear_reconnect(home: Path) -> None:
    spent = answer('{"error": "invalid_grant"}', "400 Bad Request")
    with scripted(reset_after(answer('{"access_token"')), spent) as server:
        tokens = Tokens("quickbooks", Connection(server.url, "client", SECRET, FIRST), QUICK)
        assert "connect the app to the company again" in refusal(tokens.access).hint


def test_where_nothing_can_be_kept_nothing_is_asked_for(giver: Giver, home: Path) -> None:
    giver.tokens().access()
    (home / f"restricted/tokens/quickbooks.json.{os.getpid()}.tmp").mkdir()  # in the way of what is written first
    error = refusal(lambda: giver.tokens().renewed("CANARY-access-1"))
    assert "could not write the file tokens/quickbooks.json" in error.hint
    assert giver.asked == 1


def test_a_file_that_can_not_be_read_is_like_none(giver: Giver, home: Path) -> None:
    giver.tokens().access()
    (home / "restricted/tokens/quickbooks.json").write_bytes(b'{"connection": "')
    assert "connect the app to the company again" in refusal(giver.tokens().access).hint
    assert giver.tokens("CANARY-refresh-1").access() == "CANARY-access-2"


# -- kills

KILLED = """
import os, signal, sys
from ingestion import writes
from ingestion.http import Limits
from ingestion.locks import locked
from ingestion import tokens
from ingestion.tokens import Connection, Tokens, none_renewed

replaced = os.replace
count = 0

def replace(*paths):
    global count
    count += 1
    if sys.argv[1] == f"before {count}":
        os.kill(os.getpid(), signal.SIGKILL)
    replaced(*paths)
    if sys.argv[1] == f"after {count}":
        os.kill(os.getpid(), signal.SIGKILL)

writes.os.replace = replace
Tokens("quickbooks", Connection(sys.argv[2], "client", sys.argv[3], sys.argv[4]), Limits()).access()
"""


@pytest.mark.parametrize(
    ("at", "works"),
    [
        ("after 1", True),  # nothing asked yet
        ("asked", False),  # asked and not yet answered: the vendor ends the token though nobody hears of it
        ("before 2", False),  # answered and not yet kept: the vendor has ended the token that we have
        ("after 2", True),  # kept
    ],
)
def test_a_kill_anywhere_ends_in_works_or_in_a_clear_reconnect(giver: Giver, at: str, works: bool) -> None:
    running: list[subprocess.Popen[bytes]] = []
    if at == "asked":
        giver.on_given = lambda: running.pop().kill() if running else None
    code = [sys.executable, "-c", KILLED, at, giver.url, SECRET, FIRST]
    process = subprocess.Popen(code, env=os.environ)
    running.append(process)
    assert process.wait(20) == -signal.SIGKILL
    if works:
        assert giver.tokens().access() == f"CANARY-access-{giver.refreshes}"
    else:
        assert giver.refreshes == 1
        assert "connect the app to the company again" in refusal(giver.tokens().access).hint
        assert giver.tokens("CANARY-refresh-1").access() == "CANARY-access-2"


RENEWS = """
import sys, time
from pathlib import Path
from ingestion.locks import locked
with locked(Path(sys.argv[1])):
    print("asked", flush=True)
    time.sleep(float(sys.argv[2]))
"""


@pytest.mark.parametrize("seconds", ["0.5", "60"])
def test_who_ends_a_load_waits_for_a_renewal_but_not_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seconds: str
) -> None:
    """A token that a vendor gives away while its load is ended would be lost: a person had to connect again."""
    monkeypatch.setenv("PRODOPS_HOME", str(tmp_path))
    monkeypatch.setattr(tokens, "RENEWAL_SECONDS", 2.0)
    lock = tmp_path / "restricted" / "tokens" / "quickbooks.lock"
    with subprocess.Popen([sys.executable, "-c", RENEWS, str(lock), seconds], stdout=subprocess.PIPE) as renewing:
        assert renewing.stdout is not None
        assert renewing.stdout.readline() == b"asked\n"
        with none_renewed():
            is_waiting_over = renewing.stdout.read() == b"" if seconds == "0.5" else renewing.poll() is None
            assert is_waiting_over
            if seconds == "0.5":
                with pytest.raises(LeaseError), locked(lock):
                    pass
        renewing.kill()
