"""Access to vendors whose refresh token rotates: where the newest one is kept, and who may ask for the next.

Belongs here: keeping and renewing tokens. Does not: which requests carry one, what a vendor answers to it (sources).

A refresh may end the token that it was made with, so that its answer must not be lost: the new refresh token is on disk
(the file, its name and its folder) before the access token beside it is used at all. One process refreshes at a time;
one that had to wait finds what the other one brought. An answer that is lost all the same, to a kill or on its way,
leaves the older token: it works again, or the error says to connect anew.

What is kept belongs to one connection: the refresh token of the settings, the client and the place that gives tokens.
Another one in the settings begins anew with the token that stands there, and no token goes where it did not come from.
"""

import hashlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta

import msgspec
from requests.auth import HTTPBasicAuth

from ingestion.clock import iso, now
from ingestion.errors import LeaseError, SourceError
from ingestion.home import restricted
from ingestion.http import Answer, Client, Limits
from ingestion.locks import locked
from ingestion.manifests import Zone
from ingestion.records import BrokenJsonError, NotAPageError, parse_object
from ingestion.settings import variable
from ingestion.writes import fsync_folder

STREAM = "tokens"
EARLY = timedelta(minutes=1)
"""An access token that ends sooner is not used any more: the request may take a while."""
RENEWAL_SECONDS = 5.0
"""Longer than a vendor takes that answers at all."""


@dataclass(frozen=True, slots=True)
class Connection:
    """How a person connected the source: all of it comes from the settings."""

    token_url: str
    client_id: str
    client_secret: str = field(repr=False)
    refresh_token: str = field(repr=False)

    @property
    def fingerprint(self) -> str:
        parts = "\n".join((self.token_url, self.client_id, self.refresh_token))
        return hashlib.sha256(parts.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Kept:
    """What is in the file: the newest tokens of a connection; instants as text, empty where unknown."""

    connection: str
    refresh_token: str = field(repr=False)
    access_token: str = field(default="", repr=False)
    access_until: str = ""
    refresh_until: str = ""

    @property
    def has_access(self) -> bool:
        return bool(self.access_until) and now() + EARLY < datetime.fromisoformat(self.access_until)


class Tokens:
    """The tokens of one source. All methods raise ``SourceError``."""

    def __init__(self, source: str, connection: Connection, limits: Limits) -> None:
        self.source, self._connection = source, connection
        # credentials of the client go to the origin of the token URL and nowhere else
        auth = HTTPBasicAuth(connection.client_id.encode(), connection.client_secret.encode())
        self._client = Client(source, connection.token_url, limits, auth=auth)
        self._zone = Zone(str(restricted()))
        self._kept = self._read()

    def access(self) -> str:
        """An access token to use now."""
        return self._kept.access_token if self._kept.has_access else self.renewed(self._kept.access_token)

    def renewed(self, refused: str) -> str:
        """An access token other than the one that was refused: another process's where that has one, or a new one."""
        with self._alone():
            self._kept = self._read()
            if self._kept.access_token == refused or not self._kept.has_access:
                self._kept = self._refreshed()
        return self._kept.access_token

    @property
    def refresh_until(self) -> datetime | None:
        """When the refresh token ends for good if nobody uses it, as far as the vendor said so."""
        return datetime.fromisoformat(self._kept.refresh_until) if self._kept.refresh_until else None

    def _refreshed(self) -> Kept:
        # where nothing can be kept, nothing is asked for: a full disk would cost the connection
        self._write(self._kept)
        granted = self._granted()
        until = min(
            (
                seconds
                for seconds in (granted.x_refresh_token_expires_in, granted.x_refresh_token_hard_expires_in)
                if seconds
            ),
            default=None,
        )
        kept = replace(
            self._kept,
            refresh_token=granted.refresh_token or self._kept.refresh_token,
            access_token=granted.access_token,
            access_until=iso(now() + timedelta(seconds=granted.expires_in)),
            refresh_until=iso(now() + timedelta(seconds=until)) if until else "",
        )
        self._write(kept)
        return kept

    def _granted(self) -> "_Granted":
        def read(answer: Answer) -> _Granted:
            if answer.status != 200:
                why = parse_object(answer.body, answer.charset).member("error")
                raise SourceError(self.source, STREAM, self._refusal(why), status=answer.status)
            try:
                return msgspec.json.decode(answer.body, type=_Granted)
            except msgspec.ValidationError:
                raise NotAPageError("the answer holds no tokens") from None
            except (msgspec.MsgspecError, UnicodeDecodeError):
                raise BrokenJsonError("the answer is cut off") from None

        form = {"grant_type": "refresh_token", "refresh_token": self._kept.refresh_token}
        try:
            return self._client.ask("POST", "", read, stream=STREAM, form=form, statuses=frozenset({400, 401}))
        except SourceError as error:
            hint = error.hint.replace("BASE_URL", "TOKEN_URL")
            named = SourceError(self.source, STREAM, hint, status=error.status, may_pass=error.may_pass)
        raise named

    def _refusal(self, why: object) -> str:
        if why == "invalid_grant":
            return (
                "the refresh token is used up, expired or revoked, or another installation used it; connect the app to "
                f"the company again and set {variable(self.source, 'refresh_token')} to the new token"
            )
        if why == "invalid_client":
            names = " and ".join(variable(self.source, name) for name in ("client_id", "client_secret"))
            return f"the app's own credentials are wrong; check {names}"
        return f"the request for a new token was refused; check {variable(self.source, 'token_url')}"

    # -- the file

    @property
    def _file(self) -> str:
        return f"tokens/{self.source}.json"

    def _read(self) -> Kept:
        """What is kept of this connection; the settings where there is nothing or it can't be read."""
        fingerprint = self._connection.fingerprint
        try:
            kept = msgspec.json.decode(self._zone.read(self._file) or b"", type=Kept)
        except msgspec.DecodeError:
            kept = None
        return kept if kept and kept.connection == fingerprint else Kept(fingerprint, self._connection.refresh_token)

    def _write(self, kept: Kept) -> None:
        try:
            self._zone.replace(self._file, msgspec.json.encode(asdict(kept)))
        except OSError as full:
            reason = full.strerror or type(full).__name__
        else:
            return
        hint = (
            f"could not write the file {self._file} of the restricted folder: {reason}; make room or rights, run again"
        )
        raise SourceError(self.source, STREAM, hint)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One process at a time; the kernel frees the lock when its holder ends, however."""
        with locked(restricted() / "tokens" / f"{self.source}.lock", wait_seconds=None):
            fsync_folder(restricted())
            yield


@contextmanager
def none_renewed() -> Iterator[None]:
    """Waits for renewals that are under way, for ``RENEWAL_SECONDS`` at most, and lets none begin inside."""
    with ExitStack() as held:
        for lock in sorted((restricted() / "tokens").glob("*.lock")):
            with suppress(LeaseError):  # a vendor that does not answer: nobody waits for it for ever
                held.enter_context(locked(lock, wait_seconds=RENEWAL_SECONDS))
        yield


@dataclass(frozen=True, slots=True)
class _Granted:
    access_token: str = field(repr=False)
    expires_in: int
    refresh_token: str | None = field(default=None, repr=False)
    x_refresh_token_expires_in: int | None = None
    x_refresh_token_hard_expires_in: int | None = None
