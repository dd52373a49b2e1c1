"""One HTTP client for all sources, on requests.

Belongs here: origin, time-outs, retries, caps, what counts as an answer, guards of walks over pages. Does not: what a
source's endpoints are, how its records look.

Credentials go to the origin of ``base_url`` and nowhere else: links and redirects that lead off it are refused before
anything is sent; a source that must follow one asks for a client without credentials. Errors name source, stream,
cursor, status and the vendor's reason as reasons.py shows it; never a URL, a body or a header: they may hold secrets.
A client belongs to one thread.
"""

import logging
import os
import random
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO, TypeVar
from urllib.parse import SplitResult, urljoin, urlsplit

import requests
import tenacity
import urllib3
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase

from ingestion.archives import BrokenArchiveError, RefusedArchiveError
from ingestion.errors import SourceError
from ingestion.reasons import Reason, reason_of, secrets_of
from ingestion.records import BrokenJsonError, NotAPageError, Page, split_records

T = TypeVar("T")

RETRIED = frozenset({408, 409, 425, 429, *range(500, 600)}) - {501, 505}
"""What may pass. 409 is a lock that another request holds (Stripe); 520 to 530 are of the networks before a vendor."""
REDIRECTS = frozenset({301, 302, 303, 307, 308})
MAX_REDIRECTS = 3
MAX_EMPTY_PAGES = 100
MAX_REASON = 2**16
"""Bytes of an error's body that are looked at."""
PORTS = {"https": 443, "http": 80}
LOOPBACK = ("127.0.0.1", "localhost", "::1")
"""Only here may credentials travel without TLS, and only here is no proxy asked."""
HINTS = {
    400: "the request was refused; it may name a field or value this site does not have",
    401: "the credentials are wrong or expired; make a new token and set it",
    403: "the credentials lack the permission for this; ask for it or use another account",
    404: "there is nothing at this address; check BASE_URL",
    410: "the vendor removed this endpoint; a newer version of this loader is needed",
    422: "the vendor can't answer this as things stand there; mend what it names in the vendor's own settings",
    429: "the rate limit did not clear; run again later",
}
PASSES = "the vendor could not answer for now; run again later"

# urllib3 logs URLs with their query, and some vendors take secrets there
logging.getLogger("urllib3").setLevel(logging.ERROR)


@dataclass(frozen=True, slots=True)
class Limits:
    """How long and how much a client puts up with; seconds and bytes."""

    attempts: int = 6
    wait: float = 1.0
    longest_wait: float = 120.0
    connect: float = 10.0
    read: float = 60.0
    total: float = 300.0
    body: int = 128 * 2**20


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer: decompressed, its length checked. The body is empty where it went to a file."""

    status: int
    body: bytes
    charset: str | None
    date: datetime | None = None
    """The server's clock, which may be right where ours is not."""
    location: str = ""
    """Where a redirect leads that the caller wanted to see."""


class Client:
    """Talks to one origin with one set of credentials."""

    def __init__(
        self,
        source: str,
        base_url: str,
        limits: Limits,
        *,
        auth: AuthBase | None = None,
        passing: frozenset[str] = frozenset(),
        confidential: frozenset[str] = frozenset(),
    ) -> None:
        """``passing``: codes of errors that may pass by themselves, whatever the status they come with.
        ``confidential``: streams of pay, whose errors show codes and no sentence: it may repeat a record."""
        self.source, self.limits, self.passing, self.confidential = source, limits, passing, confidential
        self._base = base_url.rstrip("/")
        self._origin = _origin(urlsplit(self._base))
        self._session = requests.Session()
        # auth given here also keeps requests from looking for other credentials in a netrc file
        self._session.auth = auth or _anonymous
        self._session.headers.update({"Accept": "application/json", "User-Agent": "prodops"})
        self._session.trust_env = urlsplit(base_url).hostname not in LOOPBACK
        self._adapter = _Watched()
        for scheme in PORTS:
            self._session.mount(f"{scheme}://", self._adapter)

    def __repr__(self) -> str:
        return f"Client({self.source})"

    def close(self) -> None:
        self._session.close()

    def without_credentials(self, link: str, *, stream: str, cursor: str | None = None) -> "Client":
        """A client without credentials for the origin of a link off this one, over https or from loopback to loopback.

        Raises ``SourceError``.
        """
        try:
            scheme, host, _ = _origin(urlsplit(link))
        except ValueError:
            scheme, host = "", ""
        if scheme == "https" or (host in LOOPBACK and self._origin[1] in LOOPBACK):
            return Client(self.source, link, self.limits)
        hint = "the vendor redirects to a place that is not https; refused, nothing was sent there"
        raise SourceError(self.source, stream, hint, cursor=cursor, status=302)

    def page(
        self, method: str, target: str, key: str | None, *, stream: str, cursor: str | None = None, **request: Any
    ) -> Page:
        """The page of records at ``target``: the list under ``key`` of the answer, or the answer itself."""

        def read(answer: Answer) -> Page:
            return split_records(answer.body, key, answer.charset)

        return self.ask(method, target, read, stream=stream, cursor=cursor, **request)

    def ask(
        self,
        method: str,
        target: str,
        read: Callable[[Answer], T],
        *,
        stream: str,
        cursor: str | None = None,
        params: Mapping[str, Any] | None = None,
        json: Any = None,
        form: Mapping[str, str] | None = None,
        statuses: frozenset[int] = frozenset(),
        into: Path | None = None,
    ) -> T:
        """What ``read`` makes of the answer; where it raises ``BrokenJsonError`` or ``BrokenArchiveError``, the answer
        counts as cut short, and with ``AgainError`` as one to be asked for again.

        ``target`` is a path below the base URL, or a link that an answer gave. ``statuses`` are errors and redirects
        that the caller wants to see. A body ``into`` a file may be anything but JSON or a web page. Requests are
        repeated, so they must do no harm twice. Raises ``SourceError``.
        """

        def attempt() -> T:
            return read(self._once(method, target, params, json, form, statuses, into))

        def failed(
            hint: str, status: int | None = None, reason: Reason | None = None, *, may_pass: bool = False
        ) -> SourceError:
            given = reason or Reason()
            if stream in self.confidential:
                given = replace(given, text="")
            hint += f"; the vendor says: {given}" if str(given) else ""
            return SourceError(
                self.source, stream, hint, cursor=cursor, status=status, codes=given.codes, may_pass=may_pass
            )

        retrying = tenacity.Retrying(
            stop=tenacity.stop_after_attempt(self.limits.attempts),
            wait=self._wait,
            retry=tenacity.retry_if_exception_type((AgainError, BrokenJsonError, BrokenArchiveError)),
            reraise=True,
        )
        # errors are raised outside the handlers: texts of the libraries' exceptions hold URLs
        try:
            return retrying(attempt)
        except AgainError as again:
            hint = f"{again.hint}; gave up after {self.limits.attempts} attempts"
            error = failed(hint, again.status, again.reason, may_pass=True)
        except _NoError as no:
            error = failed(no.hint, no.status, no.reason)
        except BrokenJsonError:
            error = failed(f"the answer is not whole JSON; gave up after {self.limits.attempts} attempts", 200)
        except NotAPageError as other:
            error = failed(f"{other}: the vendor reports an error inside a good answer, or its API changed", 200)
        except BrokenArchiveError as broken:
            error = failed(f"a broken archive came: {broken}; gave up after {self.limits.attempts} attempts", 200)
        except RefusedArchiveError as refused:
            error = failed(f"an archive was refused: {refused}; nothing of it landed, ask the vendor about it", 200)
        except OSError as full:
            error = failed(_unwritten(full))
        raise error from None

    def _once(
        self,
        method: str,
        target: str,
        params: Mapping[str, Any] | None,
        json: Any,
        form: Mapping[str, str] | None,
        statuses: frozenset[int],
        into: Path | None,
    ) -> Answer:
        url = self._address(target)
        for _ in range(MAX_REDIRECTS + 1):
            failure = None
            with self._deadline():
                try:
                    with self._session.request(
                        method,
                        url,
                        params=params,
                        json=json,
                        data=form,
                        headers={"Accept": "*/*"} if into else None,
                        stream=True,
                        allow_redirects=False,
                        timeout=(self.limits.connect, self.limits.read),
                    ) as response:
                        if response.status_code not in REDIRECTS or response.status_code in statuses:
                            return self._accepted(response, statuses, into, form or {})
                        location, status = response.headers.get("Location", ""), response.status_code
                except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
                    failure = _kind(error)
            if failure is not None:
                raise AgainError(failure)
            url, params = self._redirected(url, location, status, method), None
        raise _NoError("too many redirects; check BASE_URL", status)

    def _accepted(
        self, response: requests.Response, statuses: frozenset[int], into: Path | None, form: Mapping[str, str]
    ) -> Answer:
        status, is_good = response.status_code, 200 <= response.status_code < 300
        if not is_good and status not in statuses:
            reason = self._reason(response, form)
            # an error that says when to come again is one that passes
            wait = _retry_after(response)
            if status in RETRIED:
                raise AgainError(HINTS.get(status, "the vendor's server failed"), status, wait, reason)
            if (400 <= status < 500 and wait is not None) or self.passing.intersection(reason.codes):
                raise AgainError(PASSES, status, wait, reason)
            raise _NoError(HINTS.get(status, "the vendor refused the request"), status, reason)
        date = _date(response)
        if into and not is_good:
            return Answer(status, b"", None, date, urljoin(response.url, response.headers.get("Location", "")))
        media = response.headers.get("Content-Type", "")
        kind = media.split(";")[0].lower()
        if not media:
            # urllib3 takes a head that was cut off for a short one
            raise AgainError("the answer has no content type", status)
        if "html" in kind or ("json" in kind) is bool(into):
            raise _NoError(
                f"the answer is not {'a file' if into else 'JSON'} but {kind[:40]}, a login page perhaps; "
                "check BASE_URL and the credentials",
                status,
            )
        if into:
            try:
                with into.open("wb") as file:
                    self._receive(response, file, "")
            except OSError as full:  # what fails on its way here is an error of urllib3, none of the system's
                raise _NoError(_unwritten(full)) from None
            return Answer(status, b"", None, date)
        body = BytesIO()
        self._receive(response, body, "; set a smaller PAGE_SIZE")
        charset = requests.utils.get_encoding_from_headers(response.headers) if "charset" in media.lower() else None
        return Answer(status, body.getvalue(), charset, date)

    def _reason(self, response: requests.Response, form: Mapping[str, str]) -> Reason:
        """Why it was refused, as far as it may be shown."""
        try:
            body = response.raw.read(MAX_REASON, decode_content=True)
        except (urllib3.exceptions.HTTPError, OSError):
            body = b""  # the status alone says enough
        reason = reason_of(body, response.headers)
        if response.status_code == 401:
            reason = replace(reason, text="")
        return reason.without(secrets_of(response.request.headers.get("Authorization", ""), form))

    def _receive(self, response: requests.Response, sink: BinaryIO, remedy: str) -> None:
        size = 0
        for part in response.raw.stream(2**16, decode_content=True):
            size += len(part)
            if size > self.limits.body:
                hint = f"the answer is larger than {self.limits.body / 2**20:g} MB{remedy}"
                raise _NoError(hint, response.status_code)
            sink.write(part)

    def _address(self, target: str) -> str:
        if "://" in target or target.startswith(("//", "\\", "/\\")):
            return self._pinned(target, "link")
        return self._base + target

    def _redirected(self, url: str, location: str, status: int, method: str) -> str:
        if method != "GET" or not location:
            raise _NoError("the vendor redirects this request; check BASE_URL", status)
        return self._pinned(urljoin(url, location), "redirect")

    def _pinned(self, url: str, what: str) -> str:
        try:
            here = _origin(urlsplit(url)) == self._origin
        except ValueError:
            here = False
        if not here:
            raise _NoError(f"a {what} leads to another place than BASE_URL; refused, no credential was sent there")
        return url

    def _wait(self, state: tenacity.RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        reported = error.wait if isinstance(error, AgainError) else None
        backoff = self.limits.wait * 2.0 ** (state.attempt_number - 1)
        # jitter spreads the clients of one tenant; never earlier than the server asks
        seconds = (
            backoff * random.uniform(0.5, 1.5) if reported is None else reported + self.limits.wait * random.random()
        )
        return min(seconds, self.limits.longest_wait)

    @contextmanager
    def _deadline(self) -> Iterator[None]:
        """Shuts the connection when the request takes too long: read time-outs start anew with each byte of a drip."""
        late = threading.Event()

        def shut() -> None:
            late.set()
            self._adapter.shut()

        timer = threading.Timer(self.limits.total, shut)
        timer.daemon = True
        timer.start()
        try:
            yield
        except Exception:  # whatever a connection that is shut in the middle of a request raises
            if not late.is_set():
                raise
        finally:
            timer.cancel()
        if late.is_set():
            raise AgainError(f"took longer than {self.limits.total:g} s")


class Walk:
    """Guards a walk over pages: a repeated token and endless pages that bring nothing new are errors, not loops."""

    def __init__(self, source: str, stream: str) -> None:
        self.source, self.stream = source, stream
        self._seen: set[str] = set()
        self._empty = 0

    def step(self, token: str, fresh: int) -> None:
        """The page just read brought ``fresh`` new records and says that ``token`` leads on."""
        if token in self._seen:
            hint = "the vendor gave the same page token twice; stopped, run again"
            raise SourceError(self.source, self.stream, hint, cursor=token[:20])
        self._seen.add(token)
        self._empty = 0 if fresh else self._empty + 1
        if self._empty > MAX_EMPTY_PAGES:
            hint = f"more than {MAX_EMPTY_PAGES} pages on end brought nothing new; stopped, run again"
            raise SourceError(self.source, self.stream, hint, cursor=token[:20])


class AgainError(Exception):
    """Worth another attempt; a reader of answers raises it where only the body says so."""

    def __init__(
        self, hint: str, status: int | None = None, wait: float | None = None, reason: Reason | None = None
    ) -> None:
        super().__init__(hint)
        self.hint, self.status, self.wait, self.reason = hint, status, wait, reason


class _NoError(Exception):
    """Final: another attempt would end the same way."""

    def __init__(self, hint: str, status: int | None = None, reason: Reason | None = None) -> None:
        super().__init__(hint)
        self.hint, self.status, self.reason = hint, status, reason


class _Watched(HTTPAdapter):
    """Knows the socket in use, so that a deadline can shut it whatever the reader waits for."""

    def __init__(self) -> None:
        self._sockets: list[socket.socket] = []
        super().__init__(pool_connections=1, pool_maxsize=1)

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        self._watch(self.poolmanager)

    def proxy_manager_for(self, *args: Any, **options: Any) -> Any:
        return self._watch(super().proxy_manager_for(*args, **options))

    def shut(self) -> None:
        for open_socket in self._sockets:
            try:
                # not SSLSocket.shutdown, which would pull the TLS state from under its reader
                socket.socket.shutdown(open_socket, socket.SHUT_RDWR)
            except OSError:
                continue  # closed already

    def _watch(self, manager: Any) -> Any:
        sockets = self._sockets

        def watched(pool: Any) -> Any:
            class WatchedConnection(pool.ConnectionCls):  # type: ignore[misc]
                def connect(self) -> None:
                    super().connect()
                    sockets[:] = [self.sock]

            return type(pool.__name__, (pool,), {"ConnectionCls": WatchedConnection})

        manager.pool_classes_by_scheme = {
            "http": watched(urllib3.HTTPConnectionPool),
            "https": watched(urllib3.HTTPSConnectionPool),
        }
        return manager


def _anonymous(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _origin(url: SplitResult) -> tuple[str, str, int]:
    """Scheme, host and port; a URL that carries a user in front of its host has none to trust."""
    if url.scheme not in PORTS or not url.hostname or "@" in url.netloc or "\\" in url.netloc:
        raise ValueError("not an origin")
    return url.scheme, url.hostname, url.port or PORTS[url.scheme]


def _retry_after(response: requests.Response) -> float | None:
    reported = response.headers.get("Retry-After", "").strip()
    if not reported:
        return None
    try:
        return max(0.0, float(reported))
    except ValueError:
        pass  # not seconds, so a date
    try:
        until = parsedate_to_datetime(reported)
        # the server's own clock, where it shows one: ours may be wrong
        server = _date(response) or datetime.fromtimestamp(time.time(), UTC)
        return max(0.0, (until - server).total_seconds())
    except (ValueError, TypeError):
        return None


def _date(response: requests.Response) -> datetime | None:
    try:
        return parsedate_to_datetime(response.headers.get("Date", "")).astimezone(UTC)
    except (ValueError, TypeError, OverflowError):
        return None


def _unwritten(error: OSError) -> str:
    reason = os.strerror(error.errno) if error.errno else type(error).__name__
    return f"could not write what came to a file: {reason}; make room or rights, run again"


def _kind(error: Exception) -> str:
    """What went wrong on the way, without the exception's own text."""
    text = repr(error)
    if isinstance(error, requests.exceptions.SSLError) or "SSLError" in text:
        return "the TLS connection failed; check BASE_URL and the machine's certificates"
    if isinstance(error, requests.Timeout) or "ReadTimeoutError" in text or "timed out" in text:
        return "no answer in time; check the network and that the host of BASE_URL is up"
    if isinstance(error, (requests.exceptions.InvalidURL, requests.exceptions.InvalidHeader)):
        return "the request can't be made; check BASE_URL and the credentials for stray characters"
    if any(name in text for name in ("NewConnectionError", "NameResolutionError", "ProxyError")):
        return "can't reach the host; check BASE_URL and the network"
    return "the connection broke or the answer was cut short"
