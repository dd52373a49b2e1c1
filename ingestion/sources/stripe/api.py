"""How Stripe is asked: its accounts, its lists, the way they page, the version in which it answers.

Belongs here: one method for each thing that can be asked. Does not: when to ask, what lands, cursors (stripe.py).

All requests only read, so that any may be repeated, whatever `Stripe-Should-Retry` says; a 429 carries no `Retry-After`
(its `Stripe-Rate-Limited-Reason` or code `lock_timeout` says why), and is waited out longer each time. Errors are known
by their type and code (docs.stripe.com/error-codes).
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Annotated, Any
from urllib.parse import quote

import msgspec
import requests
from dlt.common.typing import SecretSentinel, TSecretStrValue
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from requests.auth import AuthBase

from ingestion.clock import now
from ingestion.errors import SettingsError, SourceError
from ingestion.http import Answer, Client, Walk
from ingestion.landing import Record
from ingestion.records import NotAPageError, Page, Shape, Text, parse_object, split_records
from ingestion.settings import BaseUrl, SourceSettings, variable
from ingestion.sources.parts import Unread, is_of_child

VERSION = "2026-07-29.dahlia"
"""The one whose shapes staging reads. Asked for with every request, because an account's default differs and changes;
an answer of another one is refused."""

GONE = "resource_missing"
PASSING = frozenset({"api_error", "lock_timeout", "rate_limit"})
MAX_PAGE = 100
MAX_RESTARTS = 5


@dataclass(frozen=True, slots=True)
class Child:
    """A list inside a record of which only the first ten come with it; ``path`` and ``owner`` say where the rest is."""

    stream: str
    lands: str
    member: str
    path: str
    owner: str | None = None
    """The parameter that names the parent, where the path does not."""
    may_lack: bool = False
    """Whether the parent is true without them, so that it lands where they can't be had."""
    expand: tuple[str, ...] = ()
    old: tuple[str, ...] = ()
    shape: Shape = field(default_factory=lambda: Shape("id", cursor="created"))


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A list and the records in it. ``lands``: what of it, in words. ``kind`` is what a record says it is, ``old`` are
    members that show a version before the pinned one when they are there with a value."""

    stream: str
    lands: str
    kind: str
    since_start: bool = False
    """Whether only what was created since START is of interest; what is not is valid today, however old."""
    params: Mapping[str, str] = field(default_factory=dict)
    expand: tuple[str, ...] = ()
    old: tuple[str, ...] = ()
    children: tuple[Child, ...] = ()
    shape: Shape = field(default_factory=lambda: Shape("id", cursor="created"))
    name: str = ""
    """What Stripe calls the list, where that is not the stream's name."""

    @property
    def path(self) -> str:
        return f"/v1/{self.name or self.stream}"


def expanding(of: Endpoint | Child, prefix: str) -> dict[str, list[str]]:
    """The parameter by which what is expanded comes whole instead of by id."""
    return {"expand[]": [prefix + name for name in of.expand]} if of.expand else {}


def _key(value: str) -> str:
    if not value.isascii() or not value.isprintable() or " " in value or not value.startswith(("sk_", "rk_")):
        raise ValueError("give a secret key (sk_…) or, better, a restricted one (rk_…) that may read billing")
    return value


def _key_or_none(value: str | None) -> str | None:
    return None if value is None else _key(value)


class StripeAccount(BaseModel):
    """One account and the key to it. What lands of one with an ``id`` has that before its own ids."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    id: str = Field(pattern=r"^[\w.-]+$")
    api_key: Annotated[str, AfterValidator(_key)] = Field(repr=False)
    start: date | None = None


ACCOUNTS_HINT = (
    'give a JSON list like [{"id": "eu", "api_key": "rk_…", "start": "2024-01-01"}], each id and key once; start may '
    "be left out"
)


def _accounts(value: object) -> tuple[StripeAccount, ...]:
    try:
        listed: Any = json.loads(value) if isinstance(value, str) else value
        accounts = tuple(StripeAccount.model_validate(one) for one in listed)
    except (ValueError, TypeError):
        accounts = ()
    if not accounts or any(len({each(one) for one in accounts}) < len(accounts) for each in (_id, _api_key)):
        raise ValueError(ACCOUNTS_HINT)
    return accounts


def _id(account: StripeAccount) -> str:
    return account.id


def _api_key(account: StripeAccount) -> str:
    return account.api_key


class StripeSettings(SourceSettings):
    base_url: BaseUrl = "https://api.stripe.com"
    api_key: Annotated[TSecretStrValue | None, AfterValidator(_key_or_none), SecretSentinel] = Field(
        default=None, repr=False
    )
    accounts: Annotated[tuple[StripeAccount, ...], BeforeValidator(_accounts), SecretSentinel] = Field(
        default=(), repr=False
    )

    def all_accounts(self) -> tuple[StripeAccount, ...]:
        """The account whose key stands alone, without an id, and those listed. Raises ``SettingsError``."""
        own = (StripeAccount.model_construct(id="", api_key=self.api_key, start=None),) if self.api_key else ()
        if not own and not self.accounts:
            hint = "missing; set it in the environment, in .env or .dlt/secrets.toml, or ACCOUNTS for several accounts"
            raise SettingsError(variable("stripe", "api_key"), hint)
        if any(account.api_key == self.api_key for account in self.accounts):
            hint = "also the key of one of ACCOUNTS, whose records would land twice; give each account once"
            raise SettingsError(variable("stripe", "api_key"), hint)
        return own + self.accounts


@dataclass(frozen=True, slots=True)
class Family:
    """A record with all of its children, by their stream, less streams that it lacks; no record where Stripe says that
    it is gone."""

    key: str
    record: Record | None
    children: Mapping[str, list[Record]]


@dataclass(frozen=True, slots=True)
class StripeEvent:
    """That something happened to an object. What it says of the object is of the version that the account had then."""

    created: int
    kind: str
    object: Mapping[str, Any]


class StripeApi:
    """One account, asked with one key. All methods raise ``SourceError``."""

    def __init__(self, settings: StripeSettings, account: StripeAccount) -> None:
        auth = _VersionAuth(account.api_key)
        self.client = Client("stripe", settings.base_url, settings.limits, auth=auth, passing=PASSING)
        self._limit = min(settings.page_size, MAX_PAGE)

    def newest_event(self) -> tuple[int | None, datetime]:
        """When the newest event was created, None where there is none, and the vendor's clock (ours if it shows
        none)."""

        def read(answer: Answer) -> tuple[int | None, datetime]:
            events = [_event(text) for text in _split(answer, "data").records]
            return (events[0].created if events else None), answer.date or now()

        return self.client.ask("GET", "/v1/events", read, stream="events", cursor="the newest", params={"limit": 1})

    def events(self, since: int) -> Iterator[list[StripeEvent]]:
        """Newest first, back to the second ``since``."""
        for page in self._pages("events", "/v1/events", {"created[gte]": since}):
            yield [_event(text) for text in page.records]

    def families(self, endpoint: Endpoint, unread: Unread, since: int | None = None) -> Iterator[list[Family]]:
        """All records of a list, newest first, page by page; those created before ``since`` left out, and those of
        which Stripe refuses a part."""
        created = {} if since is None else {"created[gte]": since}
        params = {**endpoint.params, **expanding(endpoint, "data."), **created}
        for page in self._pages(endpoint.stream, endpoint.path, params):
            families = []
            for text in page.records:
                with unread.asked(endpoint.shape.record(text, now()).record_id):
                    families.append(self._family(endpoint, text, unread))
            yield families

    def family(self, endpoint: Endpoint, unread: Unread, key: str) -> Family:
        """One record as it is now. A deleted one is a stub (customers) or not there (the rest)."""

        def read(answer: Answer) -> Text | None:
            page = _object(answer)
            if page.member("object") != endpoint.kind:
                raise NotAPageError(f"the answer is no {endpoint.kind}")
            return None if page.member("deleted") is True else page.records[0]

        path = f"{endpoint.path}/{quote(key, safe='')}"
        asked = expanding(endpoint, "")
        try:
            text = self.client.ask("GET", path, read, stream=endpoint.stream, cursor=key, params=asked)
        except SourceError as error:
            if GONE not in error.codes:
                raise
            text = None
        return Family(key, None, {}) if text is None else self._family(endpoint, text, unread)

    def first_page(self, endpoint: Endpoint) -> list[Record]:
        params = {**endpoint.params, "limit": 1}
        page = self.client.page("GET", endpoint.path, "data", stream=endpoint.stream, params=params)
        return endpoint.shape.records(page, now())

    def _family(self, endpoint: Endpoint, text: Text, unread: Unread) -> Family:
        record = endpoint.shape.record(text, now())
        if not endpoint.old and not endpoint.children:
            return Family(record.record_id, record, {})
        page = parse_object(bytes(text))
        _refuse_old(endpoint.stream, endpoint.old, record.record_id, page)
        children: dict[str, list[Record]] = {}
        for child in endpoint.children:
            try:
                children[child.stream] = self._children(child, record, page)
            except SourceError as error:
                if GONE in error.codes:  # deleted while its children were read
                    return Family(record.record_id, None, {})
                if not child.may_lack or not is_of_child(error):
                    raise
                unread.lacks(record.record_id, error)
        return Family(record.record_id, record, children)

    def _children(self, child: Child, parent: Record, page: Page) -> list[Record]:
        embedded = _embedded(page, child.member)
        texts = embedded.records if embedded else []
        if embedded is None or embedded.member("has_more"):
            texts = self._listed(child, parent.record_id, is_absent=embedded is None)
        records = []
        for text in texts:
            record = child.shape.record(text, now(), parent_id=parent.record_id)
            if child.old:
                _refuse_old(child.stream, child.old, record.record_id, parse_object(bytes(text)))
            records.append(record)
        return records

    def _listed(self, child: Child, parent: str, is_absent: bool) -> list[Text]:
        """Children as their own list has them; what a record says of them may end after ten, or be absent."""
        owner = {child.owner: parent} if child.owner else {}
        asked = {**owner, **expanding(child, "data.")}
        try:
            pages = self._pages(child.stream, child.path.format(quote(parent, safe="")), asked)
            return [text for page in pages for text in page.records]
        except SourceError as error:
            if not is_absent:
                raise
            hint = f"{parent} has no {child.member}, and their own list: {error.hint}"
            absent = SourceError(
                "stripe",
                child.stream,
                hint,
                cursor=error.cursor,
                status=error.status,
                codes=error.codes,
                may_pass=error.may_pass,
            )
        raise absent

    def _pages(self, stream: str, path: str, params: Mapping[str, Any]) -> Iterator[Page]:
        """A list from its first page to its last. The next page is named by the last record of the one before; where
        that record was deleted meanwhile, nobody can say where it stood, and the list is read again."""
        for _ in range(MAX_RESTARTS):
            after: str | None = None
            walk = Walk("stripe", stream)
            while page := self._page(stream, path, params, after):
                yield page
                if not page.member("has_more"):
                    return
                after = LAST.record(page.records[-1], now()).record_id
                walk.step(after, len(page.records))
        hint = f"records were deleted each of the {MAX_RESTARTS} times that the list was read; run again later"
        raise SourceError("stripe", stream, hint, cursor=after)

    def _page(self, stream: str, path: str, params: Mapping[str, Any], after: str | None) -> Page | None:
        """None where the record to go on after is not there any more."""

        def read(answer: Answer) -> Page:
            page = _split(answer, "data")
            has_more = page.member("has_more")
            if not isinstance(has_more, bool):
                raise NotAPageError("the answer does not say whether more records follow")
            if has_more and not page.records:
                raise NotAPageError("a page without records says that more follow")
            return page

        asked = {**params, "limit": self._limit, **({"starting_after": after} if after else {})}
        try:
            return self.client.ask("GET", path, read, stream=stream, cursor=after, params=asked)
        except SourceError as error:
            if after and GONE in error.codes:
                return None
            raise


LAST = Shape("id")


class _VersionAuth(AuthBase):
    """The key and the version, with every request."""

    def __init__(self, api_key: str) -> None:
        self._headers = {"Authorization": f"Bearer {api_key}", "Stripe-Version": VERSION}

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers.update(self._headers)
        request.hooks["response"].append(_refuse_other_version)
        return request


def _refuse_other_version(response: requests.Response, **_: Any) -> None:
    reported = response.headers.get("Stripe-Version", VERSION)
    if reported != VERSION:
        response.close()
        raise NotAPageError(f"the answer is of version {reported[:30]} though {VERSION} was asked for")


def _refuse_old(stream: str, old: tuple[str, ...], key: str, page: Page) -> None:
    if found := [name for name in old if page.member(name) is not None]:
        hint = f"has {', '.join(found)}, so it is of a version before {VERSION}, which was asked for; none of it landed"
        raise SourceError("stripe", stream, f"{hint}, see what stands between here and Stripe", cursor=key)


def _embedded(page: Page, member: str) -> Page | None:
    """A list inside a record; None where it is absent, or no list that says whether it is whole."""
    try:
        found = split_records(page.members[member], "data")
    except (KeyError, NotAPageError):
        return None
    return found if isinstance(found.member("has_more"), bool) else None


def _split(answer: Answer, key: str) -> Page:
    return split_records(_compacted(answer.body), key, answer.charset)


def _object(answer: Answer) -> Page:
    return parse_object(_compacted(answer.body), answer.charset)


def _compacted(body: bytes) -> bytes:
    """The same JSON without the blanks between its parts, nothing else touched. Stripe indents, so that a record would
    differ by where it stands in an answer, and land again whenever it was found in another way."""
    try:
        return msgspec.json.format(body, indent=-1)
    except (msgspec.MsgspecError, RecursionError):
        return body


class _Data(msgspec.Struct):
    object: dict[str, Any]


class _Event(msgspec.Struct):
    created: int
    data: _Data


def _event(text: Text) -> StripeEvent:
    try:
        found = msgspec.json.decode(text, type=_Event)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise NotAPageError("an event can't be read") from None
    return StripeEvent(found.created, str(found.data.object.get("object")), found.data.object)
