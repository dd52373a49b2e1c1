"""Digests, over real sockets: what a webhook and a mail server get, and what happens where they do not take it."""

import json
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_string
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from ingestion.errors import Mistakes, ProdopsError, SettingsError
from serving import alerts
from serving.alerts import EMAIL, PASSWORD, SMTP, USER, WEBHOOK, AlertError, channels, digest
from tests.runbook import drill

LATE = {"late jira": "jira is late: issues not loaded since 2026-10-15 04:05 UTC; next: prodops doctor"}
RED = {"check marts/mart_arr unique": "unique on marts/mart_arr is red; holds back mart_arr; next: prodops doctor"}
LINES = ("new: a < b & c", "solved: jira is late")


@contextmanager
def served(server: Any) -> Iterator[int]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def webhook(status: int = 200) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """An address in Slack's style and what it was sent."""
    sent: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            sent.append({"path": self.path, "type": self.headers["Content-Type"], **json.loads(body)})
            self.send_response(status)
            self.send_header("Location", f"http://127.0.0.1:{self.server.server_address[1]}/elsewhere")
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, *_: object) -> None: ...

    with served(ThreadingHTTPServer(("127.0.0.1", 0), Handler)) as port:
        yield f"http://127.0.0.1:{port}/services/T0/B0/secret-of-the-hook", sent


class MailServer(socketserver.StreamRequestHandler):
    """As much of RFC 5321 as a client that sends a message needs. It has no TLS."""

    def handle(self) -> None:
        self.say("220 mail.example.com")
        while line := self.rfile.readline().decode().rstrip("\r\n"):
            self.server.heard.append(line)  # type: ignore[attr-defined]
            verb = line.split(" ")[0].upper()
            if verb == "EHLO":
                self.say("250-mail.example.com\r\n250 AUTH PLAIN")
            elif verb == "AUTH":
                self.say("235 welcome" if self.server.takes else "535 no")  # type: ignore[attr-defined]
            elif verb == "DATA":
                self.say("354 go on")
                text = ""
                while (part := self.rfile.readline().decode()) != ".\r\n":
                    text += part
                self.server.sent.append(message_from_string(text))  # type: ignore[attr-defined]
                self.say("250 taken")
            elif verb == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 fine")

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


@contextmanager
def mail_server(host: str = "127.0.0.1", *, takes: bool = True) -> Iterator[tuple[str, list[Message], list[str]]]:
    """Its host and port, the messages that it took, and all commands that it heard."""
    server: Any = socketserver.ThreadingTCPServer((host, 0), MailServer)
    server.sent, server.heard, server.takes, server.daemon_threads = [], [], takes, True
    with served(server) as port:
        yield f"{host}:{port}", server.sent, server.heard


@pytest.fixture
def configured(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    def configure(**settings: str) -> None:
        for name, value in settings.items():
            monkeypatch.setenv(name, value)

    return configure


def test_a_digest_says_what_changed_and_nothing_twice() -> None:
    """A failure here is either a storm in somebody's channel or a problem that nobody hears of."""
    assert digest("acme", {}, {}) is None
    first = digest("acme", {}, {**LATE, **RED})
    assert first is not None
    assert first.subject == "prodops acme: 2 new"
    assert first.lines == (f"new: {LATE['late jira']}", f"new: {RED['check marts/mart_arr unique']}")
    assert digest("acme", {**LATE, **RED}, {**LATE, **RED}) is None
    reworded = {key: f"{line}, 7 rows" for key, line in {**LATE, **RED}.items()}
    assert digest("acme", {**LATE, **RED}, reworded) is None, "other words for the same problem"
    solved = digest("acme", {**LATE, **RED}, RED)
    assert solved is not None
    assert solved.subject == "prodops acme: 1 solved, 1 still open"
    assert [line.partition(":")[0] for line in solved.lines] == ["solved", "still open"]


def test_a_hundred_problems_are_one_digest_of_bearable_length() -> None:
    many = digest("acme", {}, {f"check {number}": "x" * 1000 for number in range(100)})
    assert many is not None
    assert len(many.lines) == alerts.SHOWN + 1
    assert many.lines[-1] == "and 80 more: prodops doctor lists all"
    assert max(map(len, many.lines)) < alerts.LONGEST + 20


def test_a_webhook_gets_one_message_in_slacks_format(configured: Callable[..., None]) -> None:
    with webhook() as (url, sent):
        configured(**{WEBHOOK: url})
        (channel,) = channels()
        channel.send("prodops acme: 1 new, 1 solved", LINES)
    (message,) = sent
    assert message["type"] == "application/json"
    assert message["text"] == "*prodops acme: 1 new, 1 solved*\n• new: a &lt; b &amp; c\n• solved: jira is late"


@pytest.mark.parametrize("status", [302, 404, 500])
def test_a_webhook_that_refuses_is_an_error_without_its_address(configured: Callable[..., None], status: int) -> None:
    """The address is all that anybody needs to write into the channel."""
    with webhook(status) as (url, sent):
        configured(**{WEBHOOK: url})
        with pytest.raises(AlertError) as refused:
            channels()[0].send("prodops", LINES)
    assert str(refused.value) == f"the webhook answered {status}; check {WEBHOOK}"
    drill("AlertError", refused.value.exit_code, str(refused.value))
    assert [one["path"] for one in sent] == ["/services/T0/B0/secret-of-the-hook"], "followed somewhere else"
    with pytest.raises(AlertError) as gone:
        channels()[0].send("prodops", LINES)
    assert "can't be reached (ConnectionError)" in str(gone.value)
    assert "secret" not in f"{gone.value!r} {gone.value.__cause__!r} {gone.value.__context__!r}"


def test_people_get_one_message_by_mail(configured: Callable[..., None]) -> None:
    with mail_server() as (place, sent, heard):
        configured(**{EMAIL: "ada@example.com, data@example.com", SMTP: place, USER: "bot@example.com", PASSWORD: "pw"})
        (channel,) = channels()
        channel.send("prodops acme: 1 new", LINES)
    (message,) = sent
    assert (message["Subject"], message["From"]) == ("prodops acme: 1 new", "bot@example.com")
    assert message["To"] == "ada@example.com, data@example.com"
    assert message.get_payload().splitlines() == ["- new: a < b & c", "- solved: jira is late"]
    assert sum(line.startswith("rcpt TO:") for line in heard) == 2


def test_a_mail_server_that_refuses_is_an_error_without_the_password(configured: Callable[..., None]) -> None:
    with mail_server(takes=False) as (place, sent, _):
        configured(**{EMAIL: "ada@example.com", SMTP: place, USER: "bot@example.com", PASSWORD: "secret-of-the-bot"})
        with pytest.raises(AlertError) as refused:
            channels()[0].send("prodops", LINES)
    assert sent == []
    assert "did not take the message (SMTPAuthenticationError 535)" in str(refused.value)
    assert "secret" not in f"{refused.value!r} {refused.value.__cause__!r} {channels()!r}"


def test_nothing_goes_to_another_machine_in_the_clear(configured: Callable[..., None]) -> None:
    """Not this machine's own name: a server without TLS there gets neither the password nor the message."""
    with mail_server("127.0.0.2") as (place, sent, heard):
        configured(**{EMAIL: "ada@example.com", SMTP: place, USER: "bot@example.com", PASSWORD: "secret-of-the-bot"})
        with pytest.raises(AlertError, match="SMTPNotSupportedError"):
            channels()[0].send("prodops", LINES)
    assert sent == []
    assert {line.split(" ")[0].upper() for line in heard} <= {"EHLO", "QUIT"}


@pytest.mark.parametrize(
    ("settings", "wrong"),
    [
        ({WEBHOOK: "http://hooks.example.com/services/secret"}, [WEBHOOK]),
        ({WEBHOOK: "hooks.slack.com/services/secret"}, [WEBHOOK]),
        ({EMAIL: "ada", SMTP: "smtp.example.com:587"}, [EMAIL]),
        ({EMAIL: "ada@example.com\nBcc: eve@example.com", SMTP: "smtp.example.com:587"}, [EMAIL]),
        ({EMAIL: "ada@example.com"}, [SMTP]),
        ({EMAIL: "ada@example.com", SMTP: "smtp.example.com"}, [SMTP]),
        ({EMAIL: "ada@example.com", SMTP: "smtp.example.com:587", USER: "bot"}, [PASSWORD]),
        ({WEBHOOK: "ftp://secret", SMTP: "smtp.example.com", PASSWORD: "secret"}, [WEBHOOK, SMTP, USER]),
    ],
)
def test_settings_that_can_not_work_are_named_and_not_shown(
    configured: Callable[..., None], settings: dict[str, str], wrong: list[str]
) -> None:
    configured(**settings)
    with pytest.raises(ProdopsError) as refused:
        channels()
    errors = refused.value.errors if isinstance(refused.value, Mistakes) else (refused.value,)
    assert [error.what for error in errors if isinstance(error, SettingsError)] == wrong
    assert "secret" not in str(refused.value)


def test_nobody_is_written_to_unless_somebody_said_so() -> None:
    assert channels() == []
